package seal

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
)

// The names of things in CMS (RFC 5652), CAdES (RFC 5126) and their algorithms.
var (
	oidData         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertificate2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimestamp    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSHA256       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidWitness      = asn1.ObjectIdentifier{2, 25, 1847003961} // ours: a signature of the timestamp's token
	oidRSA          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSA        = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

type algorithm struct {
	Name       asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

type attribute struct {
	Name   asn1.ObjectIdentifier
	Values asn1.RawValue
}

type issuerSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
}

type signerInfo struct {
	Version    int
	Signer     issuerSerial
	Digest     algorithm
	Attributes asn1.RawValue
	Algorithm  algorithm
	Signature  []byte
	Unsigned   asn1.RawValue `asn1:"optional"`
}

type signedData struct {
	Version      int
	Digests      []algorithm `asn1:"set"`
	Content      contentInfo
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

var null = asn1.RawValue{FullBytes: []byte{5, 0}}

// set is a SET OF values that are encoded already, in the order that DER wants.
func set(class, tag int, parts ...[]byte) ([]byte, error) {
	slices.SortFunc(parts, slices.Compare)
	return asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: slices.Concat(parts...)})
}

func attributeOf(name asn1.ObjectIdentifier, value any) ([]byte, error) {
	body, err := asn1.Marshal(value)
	if err != nil {
		return nil, err
	}
	values, err := set(asn1.ClassUniversal, asn1.TagSet, body)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(attribute{name, asn1.RawValue{FullBytes: values}})
}

// signedAttributes are what is signed: the digest of the file, and whose certificate it is. The time is not among them:
// PAdES has it in the PDF, where it is signed with everything else.
func signedAttributes(digest []byte, leaf *x509.Certificate) ([]byte, error) {
	kind, err := attributeOf(oidContentType, oidData)
	if err != nil {
		return nil, err
	}
	sum, err := attributeOf(oidDigest, digest)
	if err != nil {
		return nil, err
	}
	type certID struct{ Hash []byte } // SHA-256 is the default
	hash := sha256.Sum256(leaf.Raw)
	whose, err := attributeOf(oidCertificate2, struct{ IDs []certID }{[]certID{{hash[:]}}})
	if err != nil {
		return nil, err
	}
	return set(asn1.ClassUniversal, asn1.TagSet, kind, sum, whose)
}

// envelop puts signature, certificates and timestamp together. The same parts give the same bytes: checking does it
// again and compares.
//
// A timestamp comes after the signature and is not covered by it, and its own signature does not cover all of its bytes.
// So that a change of any of them shows, the token is signed with the same key as well: the witness.
func envelop(chain []*x509.Certificate, p parts) ([]byte, error) {
	leaf := chain[0]
	info := signerInfo{
		Version: 1, Signer: issuerSerial{asn1.RawValue{FullBytes: leaf.RawIssuer}, leaf.SerialNumber}, Digest: algorithm{Name: oidSHA256},
		Attributes: asn1.RawValue{FullBytes: slices.Concat([]byte{0xA0}, p.attributes[1:])}, Signature: p.signature,
	}
	switch leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		info.Algorithm = algorithm{oidRSA, null}
	case *ecdsa.PublicKey:
		info.Algorithm = algorithm{Name: oidECDSA}
	default:
		return nil, errors.New("seal: the key must be RSA or ECDSA")
	}
	if p.token != nil {
		stamp, err := attributeOf(oidTimestamp, asn1.RawValue{FullBytes: p.token})
		if err != nil {
			return nil, err
		}
		witness, err := attributeOf(oidWitness, p.witness)
		if err != nil {
			return nil, err
		}
		if info.Unsigned.FullBytes, err = set(asn1.ClassContextSpecific, 1, stamp, witness); err != nil {
			return nil, err
		}
	}
	var all [][]byte
	for _, c := range chain {
		all = append(all, c.Raw)
	}
	certificates, err := set(asn1.ClassContextSpecific, 0, all...)
	if err != nil {
		return nil, err
	}
	body, err := asn1.Marshal(signedData{
		Version: 1, Digests: []algorithm{{Name: oidSHA256}}, Content: contentInfo{Type: oidData}, Certificates: asn1.RawValue{FullBytes: certificates}, Signers: []signerInfo{info},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: body}})
}

// parts of a signature as they were found.
type parts struct {
	leaf       issuerSerial
	attributes []byte
	signature  []byte
	token      []byte // of the timestamp; nil: there is none
	witness    []byte
}

// takeApart finds the parts of a signature; whether it is put together as ours are is for the caller to see.
func takeApart(der []byte) (p parts, err error) {
	var outer contentInfo
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) > 0 || !outer.Type.Equal(oidSignedData) {
		return p, errors.New("no signature")
	}
	var data signedData
	if rest, err = asn1.Unmarshal(outer.Content.Bytes, &data); err != nil || len(rest) > 0 || len(data.Signers) != 1 {
		return p, errors.New("no signature of one signer")
	}
	info := data.Signers[0]
	if len(info.Attributes.FullBytes) < 2 {
		return p, errors.New("nothing is signed")
	}
	p.leaf, p.signature = info.Signer, info.Signature
	p.attributes = slices.Concat([]byte{0x31}, info.Attributes.FullBytes[1:])
	for rest = info.Unsigned.Bytes; len(rest) > 0; {
		var one attribute
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return p, errors.New("a remark that cannot be read")
		}
		switch {
		case one.Name.Equal(oidTimestamp):
			p.token = one.Values.Bytes
		case one.Name.Equal(oidWitness):
			if _, err = asn1.Unmarshal(one.Values.Bytes, &p.witness); err != nil {
				return p, errors.New("a witness that cannot be read")
			}
		}
	}
	return p, nil
}
