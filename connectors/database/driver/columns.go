package driver

// Places returns where the wanted columns stand among those that a statement returns, or the error of the first that is absent.
func Places(wanted, returned []string) ([]int, error) {
	places := make([]int, len(wanted))
	for i, name := range wanted {
		places[i] = -1
		for j, r := range returned {
			if r == name {
				places[i] = j
				break
			}
		}
		if places[i] < 0 {
			return nil, NoColumn(name)
		}
	}
	return places, nil
}
