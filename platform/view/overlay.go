package view

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// overlaid shows the shared views at the root and each module's views in a folder of its name.
type overlaid struct {
	shared  fs.FS
	modules map[string]fs.FS
}

func overlay(shared fs.FS, modules map[string]fs.FS) (fs.FS, error) {
	subs := map[string]fs.FS{}
	for id, files := range modules {
		if _, err := fs.Stat(shared, id); err == nil {
			return nil, fmt.Errorf("views: the module %q has the name of a shared folder", id)
		}
		if files == nil {
			continue
		}
		if _, err := fs.Stat(files, "views"); err != nil {
			continue
		}
		sub, err := fs.Sub(files, "views")
		if err != nil {
			return nil, err
		}
		subs[id] = sub
	}
	return overlaid{shared, subs}, nil
}

func (o overlaid) Open(name string) (fs.File, error) {
	first, rest, _ := strings.Cut(name, "/")
	if sub, ok := o.modules[first]; ok {
		if rest == "" {
			rest = "."
		}
		return sub.Open(rest)
	}
	if name == "." {
		root, err := o.shared.Open(".")
		if err != nil {
			return nil, err
		}
		return rootDir{root.(fs.ReadDirFile), o.modules}, nil
	}
	return o.shared.Open(path.Clean(name))
}

// rootDir lists the modules' folders beside the shared ones.
type rootDir struct {
	fs.ReadDirFile
	modules map[string]fs.FS
}

func (d rootDir) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.ReadDirFile.ReadDir(n)
	if n > 0 { // only whole listings are asked for
		return entries, err
	}
	for id, sub := range d.modules {
		info, err := fs.Stat(sub, ".")
		if err != nil {
			return nil, err
		}
		entries = append(entries, folder{fs.FileInfoToDirEntry(info), id})
	}
	return entries, err
}

type folder struct {
	fs.DirEntry
	name string
}

func (f folder) Name() string { return f.name }
func (f folder) Info() (fs.FileInfo, error) {
	i, err := f.DirEntry.Info()
	return folderInfo{i, f.name}, err
}

type folderInfo struct {
	fs.FileInfo
	name string
}

func (f folderInfo) Name() string { return f.name }
