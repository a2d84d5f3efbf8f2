package mysql

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"fondaco/connectors/database/driver"

	"github.com/go-sql-driver/mysql"
)

// told says what an error of the library was.
func told(ctx context.Context, err error, sent bool) *driver.Error {
	var said *mysql.MySQLError
	switch {
	case !errors.As(err, &said):
		return driver.Broken(ctx, err, sent && !errors.Is(err, sqldriver.ErrBadConn))
	case kindOf(said) == driver.Late && ctx.Err() != nil:
		return driver.Broken(ctx, err, sent)
	}
	e := &driver.Error{Kind: kindOf(said), Code: strconv.Itoa(int(said.Number)), Text: said.Message, Sent: true}
	switch e.Kind {
	case driver.Unique, driver.ForeignKey, driver.Check:
		e.Constraint = named(said.Message)
	case driver.Down:
		e.Sent, e.Err = sent, fmt.Errorf("%s", said.Message)
	}
	return e
}

// kindOf classifies an error of the server (https://mariadb.com/kb/en/mariadb-error-codes/).
func kindOf(said *mysql.MySQLError) driver.Kind {
	switch said.Number {
	case 1062, 1169, 1586:
		return driver.Unique
	case 1216, 1217, 1451, 1452:
		return driver.ForeignKey
	case 3819, 4025:
		return driver.Check
	case 1048, 1364:
		return driver.NotNull
	case 1264, 1265, 1292, 1366, 1406, 1411, 1365, 1690, 3140:
		return driver.Data
	case 1205, 1213, 1020:
		return driver.Busy
	case 1317, 1969, 3024:
		return driver.Late
	case 1644:
		return driver.Raised
	case 1142, 1143, 1227, 1370, 1792, 1290:
		return driver.Denied
	case 1054, 1064, 1146, 1305, 1327, 1318, 1109, 1052, 1049:
		return driver.Schema
	case 1040, 1044, 1045, 1053, 1129, 1130, 1203, 1226, 3118:
		return driver.Down
	}
	if said.SQLState == [5]byte{'4', '5', '0', '0', '0'} {
		return driver.Raised
	}
	return driver.Other
}

// constraint finds the name of a constraint in what the server says, whose values stand before it.
var constraint = regexp.MustCompile("(?:for key '|CONSTRAINT [`'])((?:[^'`])+)['`]")

// named returns the constraint of a message: of MySQL the name of a key follows that of its table.
func named(message string) string {
	all := constraint.FindAllStringSubmatch(message, -1)
	if len(all) == 0 {
		return ""
	}
	name := all[len(all)-1][1]
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}
