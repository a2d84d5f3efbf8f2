// Package mysql speaks with MySQL and MariaDB, and is the home of go-sql-driver/mysql.
package mysql
