package billing

// Invariants are the promises of the books that do not hold, for tests that look from outside.
var Invariants = invariants
