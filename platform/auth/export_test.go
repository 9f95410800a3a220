package auth

// LoadStatement lets a test plan the hot path.
const LoadStatement = loadViewer
