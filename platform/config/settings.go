package config

import "reflect"

// Setting is one variable of the environment, for help pages and `portico check`.
type Setting struct{ Field, Name, Default, Help string }

// Settings lists every variable of the platform, in the order of Config.
func Settings() []Setting {
	var all []Setting
	t := reflect.TypeOf(Config{})
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("env"); name != "" {
			all = append(all, Setting{f.Name, name, f.Tag.Get("envDefault"), f.Tag.Get("help")})
		}
	}
	return all
}
