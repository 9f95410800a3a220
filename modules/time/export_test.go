package time

// What the benchmarks measure by itself, without the page around it.
var (
	Sums        = sums
	ListEntries = listOf[Entry]
	Tally       = tallyOf
	OfTime      = ofTime
	EyesOf      = eyesOf
)

// All is a list that is not narrowed.
var All = filter{Sort: "-day"}
