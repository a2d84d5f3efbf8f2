package routes

// Brought lists the names that triggers bring, by the trigger's field; "" is that of sub-routes. It is for tests.
func (t *Typed) Brought() map[string][]string {
	all := map[string][]string{}
	for _, r := range t.Started() {
		by := r.Model.starter().key()
		all[by] = append(all[by], r.brought...)
		if r.signerSlot >= 0 {
			all[by] = append(all[by], "signer")
		}
	}
	for _, r := range t.Subs {
		all[""] = append(all[""], r.brought...)
	}
	return all
}
