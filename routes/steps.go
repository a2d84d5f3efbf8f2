package routes

// kinds are the steps of the language. To add one, add its file and its line.
var kinds = []struct {
	key string
	new func() step
}{
	{"call", func() step { return &callStep{} }},
	{"set", func() step { return &setStep{} }},
	{"parallel", func() step { return &parallelStep{} }},
	{"choose", func() step { return &chooseStep{} }},
	{"for_each", func() step { return &forEachStep{} }},
	{"validate", func() step { return &validateStep{} }},
	{"fail", func() step { return &failStep{} }},
	{"route", func() step { return &routeStep{} }},
	{"try", func() step { return &tryStep{} }},
}

func stepKinds() []string {
	keys := make([]string, len(kinds))
	for i, k := range kinds {
		keys[i] = k.key
	}
	return keys
}

func newStep(key string) step {
	for _, k := range kinds {
		if k.key == key {
			return k.new()
		}
	}
	return nil
}
