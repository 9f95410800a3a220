package billing

import "portico/platform/web"

func (o office) document(r *web.Request) error          { return nil }
func (o office) receipt(r *web.Request) error           { return nil }
func (o office) statementDocument(r *web.Request) error { return nil }
func (p portal) document(r *web.Request) error          { return nil }
func (p portal) receipt(r *web.Request) error           { return nil }
func (p portal) statementDocument(r *web.Request) error { return nil }
