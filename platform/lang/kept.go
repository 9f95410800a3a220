package lang

// Kept is a message as it is kept in a column of JSON, until somebody reads it: Recall makes it a message again. Its
// arguments are texts, whole numbers, and other messages.
func (m Message) Kept() map[string]any {
	kept := map[string]any{"words": m.words}
	if m.one != "" {
		kept["one"] = m.one
	}
	if len(m.args) > 0 {
		args := make([]any, len(m.args))
		for i, arg := range m.args {
			if inner, ok := arg.(Message); ok {
				arg = inner.Kept()
			}
			args[i] = arg
		}
		kept["args"] = args
	}
	return kept
}

// Recall reads a message that was kept; ok is false for what is none.
func Recall(kept any) (m Message, ok bool) {
	fields, _ := kept.(map[string]any)
	m.words, _ = fields["words"].(string)
	m.one, _ = fields["one"].(string)
	args, _ := fields["args"].([]any)
	for _, arg := range args {
		if number, is := arg.(float64); is { // so JSON has whole numbers, too
			arg = int(number)
		} else if inner, is := Recall(arg); is {
			arg = inner
		}
		m.args = append(m.args, arg)
	}
	if m.one != "" {
		if len(m.args) == 0 {
			return Message{}, false
		}
		if _, counts := m.args[0].(int); !counts {
			return Message{}, false
		}
	}
	return m, m.words != ""
}

// Empty reports whether there is no message.
func (m Message) Empty() bool { return m.words == "" }
