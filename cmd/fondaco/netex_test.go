package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// netexLike are a WSDL and schemas as NeTEx's: hundreds of files of one namespace that include each other; each entity has an
// abstract head with a substitution group, a structure that extends its parent's in several levels, groups
// of elements, a relationship that holds others, and words about everything.
func netexLike(files, entities int) map[string]string {
	const head = `<?xml version="1.0" encoding="UTF-8"?>
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="http://www.netex.example/netex" targetNamespace="http://www.netex.example/netex" elementFormDefault="qualified">
`
	out := map[string]string{}
	var all strings.Builder
	for f := range files {
		var b strings.Builder
		b.WriteString(head)
		if f > 0 {
			fmt.Fprintf(&b, `<xsd:include schemaLocation="part%d.xsd"/>`, (f-1)/2)
		}
		fmt.Fprintf(&all, `<xsd:include schemaLocation="part%d.xsd"/>`, f)
		for e := range entities {
			netexEntity(&b, f*entities+e, files*entities)
		}
		b.WriteString("</xsd:schema>\n")
		out[fmt.Sprintf("part%d.xsd", f)] = b.String()
	}
	out["netex.xsd"] = head + all.String() + `
<xsd:complexType name="EntityStructure" abstract="true"><xsd:sequence><xsd:element name="KeyList" type="xsd:string" minOccurs="0"/></xsd:sequence><xsd:attribute name="id" type="xsd:NMTOKEN"/><xsd:attribute name="version" type="xsd:string"/></xsd:complexType>
<xsd:element name="Entity" type="EntityStructure" abstract="true"/>
<xsd:element name="PublicationRequest"><xsd:complexType><xsd:sequence><xsd:element name="Topic" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="PublicationDelivery"><xsd:complexType><xsd:sequence><xsd:element name="dataObjects" minOccurs="0"><xsd:complexType><xsd:choice minOccurs="0" maxOccurs="unbounded"><xsd:element ref="Thing0"/><xsd:element ref="Thing1"/><xsd:element ref="Thing2"/></xsd:choice></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>`
	out["netex.wsdl"] = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:n="http://www.netex.example/netex" targetNamespace="urn:netex:wsdl" xmlns:t="urn:netex:wsdl">
<types><xsd:schema><xsd:import namespace="http://www.netex.example/netex" schemaLocation="netex.xsd"/></xsd:schema></types>
<message name="In"><part name="p" element="n:PublicationRequest"/></message><message name="Out"><part name="p" element="n:PublicationDelivery"/></message>
<portType name="P"><operation name="Publish"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Publish"><soap:operation soapAction="publish"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1:9"/></port></service></definitions>`
	return out
}

// netexEntity writes what NeTEx has of an entity.
func netexEntity(b *strings.Builder, i, n int) {
	word := func(what string) string {
		return "<xsd:annotation><xsd:documentation>" + what +
			" of the thing, as the operator of the network knows it. +v1.1</xsd:documentation></xsd:annotation>"
	}
	parent := "EntityStructure"
	if i%4 > 0 {
		parent = fmt.Sprintf("Thing%d_VersionStructure", i-1)
	}
	group := ""
	if i%4 == 0 {
		group = ` substitutionGroup="Entity"`
	}
	fmt.Fprintf(b, `
<xsd:element name="Thing%d" type="Thing%[1]d_VersionStructure"%s>%s</xsd:element>
<xsd:simpleType name="Thing%[1]dIdType">%[3]s<xsd:restriction base="xsd:NMTOKEN"/></xsd:simpleType>
<xsd:element name="Thing%[1]dRef" type="Thing%[1]dRefStructure">%[3]s</xsd:element>
<xsd:complexType name="Thing%[1]dRefStructure">%[3]s<xsd:simpleContent><xsd:extension base="Thing%[1]dIdType"><xsd:attribute name="ref" type="Thing%[1]dIdType" use="required"/></xsd:extension></xsd:simpleContent></xsd:complexType>
<xsd:simpleType name="Kind%[1]dEnumeration"><xsd:restriction base="xsd:NMTOKEN">`, i, group, word("An identifier"))
	for v := range 12 {
		fmt.Fprintf(b, `<xsd:enumeration value="kind%d"/>`, v)
	}
	fmt.Fprintf(b, `</xsd:restriction></xsd:simpleType>
<xsd:group name="Thing%dGroup">%s<xsd:sequence>`, i, word("Elements"))
	for e := range 12 {
		fmt.Fprintf(b, `<xsd:element name="Field%d_%d" type="xsd:%s" minOccurs="0">%s</xsd:element>`, i%4, e,
			[]string{"string", "decimal", "dateTime", "boolean"}[e%4], word("A field"))
	}
	fmt.Fprintf(b, `<xsd:element name="Kind%d" type="Kind%dEnumeration" minOccurs="0"/><xsd:element ref="Thing%dRef" minOccurs="0"/><xsd:element name="members%d" type="things%d_RelStructure" minOccurs="0"/></xsd:sequence></xsd:group>
<xsd:complexType name="things%[2]d_RelStructure">%[6]s<xsd:choice maxOccurs="unbounded"><xsd:element ref="Thing%[3]dRef"/><xsd:element ref="Thing%[7]d"/></xsd:choice></xsd:complexType>
<xsd:complexType name="Thing%[2]d_VersionStructure">%[6]s<xsd:complexContent><xsd:extension base="%[8]s"><xsd:sequence><xsd:group ref="Thing%[2]dGroup"/></xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType>`,
		i%4, i, (i+7)%n, i%4, i, word("Relations"), (2*i+1)%n, parent)
}

// TestImportLarge: 8.4 MB of schemas in the manner of NeTEx and of its size, some 139,000 elements, are imported in seconds, in memory
// below 200 MB, and what is written is of the size of what was read. So is the project that has them checked, and the document of a
// route that returns such a type written.
func TestImportLarge(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("time and memory are not measured under the race detector")
	}
	files := netexLike(810, 2)
	read, elements := 0, 0
	for _, text := range files {
		read += len(text)
		elements += strings.Count(text, "<xsd:")
	}
	t.Logf("%d files of %d KB, %d elements", len(files), read>>10, elements)
	if elements < 139_000 {
		t.Fatalf("only %d elements were made", elements)
	}
	source := written(t, files)
	project := written(t, map[string]string{"fondaco.yaml": "project: prova\n"})
	boundedImport(t, project, filepath.Join(source, "netex.wsdl"), "netex", read)
	overwrite(t, project, map[string]string{
		"fondaco.yaml": "project: prova\nsystems:\n  netex:\n    connector: ./connectors/netex\n" +
			"    params: { endpoint: \"http://127.0.0.1:9\" }\n",
		"routes/orari.yaml": "routes:\n  orari:\n    summary: Orari\n    http: GET /orari\n    auth: none\n    steps:\n" +
			"      - call: netex.Publish\n        with: { Topic: tutto }\n        as: orari\n    respond: { body: \"${orari}\" }\n",
	})
	for _, command := range []string{"check", "openapi"} {
		cost, out, code := measuredCommand(t, project, command)
		t.Logf("%s: %v of CPU, %d MB, %d KB of output", command, cost.cpu, cost.memory>>20, len(out)>>10)
		if code != 0 || len(out) > 2*read {
			t.Errorf("%s: exit %d with %d bytes of output for %d bytes of schemas: %s", command, code, len(out), read, shortened(out))
		}
		if cost.memory > importMemory || cost.cpu > importCPU {
			t.Errorf("%s took %v of CPU and %d MB, at most %v and %d MB are expected", command, cost.cpu, cost.memory>>20, importCPU,
				importMemory>>20)
		}
	}
}

// published are WSDLs that others published, if they are at hand.
const published = "../../../shared/suites/wsdl"

// TestImportPublished: the largest WSDLs of public transport, and all that another implementation of SOAP is tested with, are imported in
// seconds and in memory below 200 MB, and what is written is of the size of what was read.
func TestImportPublished(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(published); err != nil {
		t.Skip("the WSDLs that others published are absent")
	}
	if raced || testing.Short() {
		t.Skip("time and memory are not measured under the race detector, and not in the short form")
	}
	imported := 0
	for _, folder := range []string{"SIRI-CEN+SIRI/xsd", "eclipse-ee4j+metro-jax-ws"} {
		err := filepath.WalkDir(filepath.Join(published, folder), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(file) != ".wsdl" || strings.Contains(file, "WSDL2") {
				return err
			}
			if info, err := d.Info(); err != nil || folder != "SIRI-CEN+SIRI/xsd" && info.Size() < 20<<10 {
				return err // hundreds of a few kilobytes each say nothing of costs
			}
			file, err = filepath.Abs(file)
			if err != nil {
				return err
			}
			imported++
			boundedImport(t, written(t, map[string]string{"fondaco.yaml": "project: prova\n"}), file, "prova", 0)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if imported < 8 {
		t.Errorf("only %d were imported", imported)
	}
}

// boundedImport imports a WSDL into a project, which must stay within the bounds; read is the size of its documents, 0 for that of their
// copies.
func boundedImport(t *testing.T, project, file, name string, read int) {
	t.Helper()
	cost, out, code := measuredCommand(t, project, "import", "wsdl", file, "--name", name)
	if code != 0 && (read > 0 || code != 1) { // some of what others are tested with is wrong on purpose
		t.Errorf("%s: exit %d: %s", file, code, shortened(out))
		return
	}
	if cost.memory > importMemory || cost.cpu > importCPU {
		t.Errorf("%s: the import took %v of CPU and %d MB, at most %v and %d MB are expected", file, cost.cpu, cost.memory>>20, importCPU,
			importMemory>>20)
	}
	if code != 0 {
		return
	}
	connector := filepath.Join(project, "connectors", name)
	if read == 0 {
		read = sizeOf(t, filepath.Join(connector, "wsdl"))
	}
	if wrote := sizeOf(t, filepath.Join(connector, "schemas")); wrote == 0 || wrote > 3*read {
		t.Errorf("%s: of %d bytes %d were made", file, read, wrote)
	}
	t.Logf("import of %s, %d KB: %v of CPU, %d MB", filepath.Base(file), read>>10, cost.cpu, cost.memory>>20)
}

// sizeOf returns how many bytes the files in a folder have.
func sizeOf(t *testing.T, folder string) (size int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += int(info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
