package day

import (
	"sync"
	"time"
)

var zones sync.Map // name -> *time.Location

// Zone is a time zone by its IANA name. The standard library reads and parses a file at every call; this keeps what it
// found. Names come from settings that were checked, so there are only as many as the world has zones.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}
