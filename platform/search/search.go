// Package search is the shape of what sections answer to a search.
package search

// Hit is one thing found: what it is, where it is.
type Hit struct {
	Title, Detail, Icon string
	Href                string
	Group               string // the heading it stands under; "": the section's title
}
