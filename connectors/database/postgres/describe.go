package postgres

import (
	"context"
	"regexp"

	"fondaco/connectors/database/driver"
	"fondaco/schema"

	"github.com/jackc/pgx/v5/pgtype"
)

// outer finds joins under which columns that are never null in their table may be null.
var outer = regexp.MustCompile(`(?i)\b(left|right|full)\s+(outer\s+)?join\b`)

// Describe returns the columns of a statement: their types by PREPARE, and whether they may be null by the catalogue, where the
// statement has no outer join.
func (p *pool) Describe(ctx context.Context, text string) ([]driver.Column, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return nil, told(ctx, err, false)
	}
	defer conn.Release()
	d, err := conn.Conn().PgConn().Prepare(ctx, "", text, nil)
	if err != nil {
		return nil, told(ctx, err, false)
	}
	var columns []driver.Column
	for _, f := range d.Fields {
		c := driver.Column{Name: f.Name, Kind: kinds[f.DataTypeOID], Nullable: true, Scale: -1}
		if c.Kind == schema.KindAbsent {
			c.Kind = schema.KindText
		}
		if t, ok := conn.Conn().TypeMap().TypeForOID(f.DataTypeOID); ok {
			c.Type = t.Name
		}
		if f.DataTypeOID == pgtype.NumericOID && f.TypeModifier >= 4 {
			c.Scale = int(f.TypeModifier-4) & 0xffff
		}
		if f.TableOID != 0 && !outer.MatchString(text) {
			var never bool
			if err := conn.Conn().QueryRow(ctx, "select attnotnull from pg_attribute where attrelid = $1 and attnum = $2",
				f.TableOID, int16(f.TableAttributeNumber)).Scan(&never); err == nil {
				c.Nullable = !never
			}
		}
		columns = append(columns, c)
	}
	return columns, nil
}

var kinds = map[uint32]schema.Kind{
	pgtype.Int2OID: schema.KindInt, pgtype.Int4OID: schema.KindInt, pgtype.Int8OID: schema.KindInt,
	pgtype.NumericOID: schema.KindDecimal, pgtype.Float4OID: schema.KindDecimal, pgtype.Float8OID: schema.KindDecimal,
	pgtype.BoolOID: schema.KindBool, pgtype.ByteaOID: schema.KindBytes, pgtype.DateOID: schema.KindDate, pgtype.TimeOID: schema.KindTime,
	pgtype.TimetzOID: schema.KindTime, pgtype.TimestampOID: schema.KindDateTime, pgtype.TimestamptzOID: schema.KindDateTime,
	pgtype.IntervalOID: schema.KindDuration, pgtype.JSONOID: schema.KindAny, pgtype.JSONBOID: schema.KindAny,
}
