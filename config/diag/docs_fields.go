package diag

import "strings"

func fileDocs() []Doc {
	return []Doc{
		{
			BadYAML, "the text is not YAML",
			"The file is not YAML in the strict form that Fondaco reads: one document in UTF-8, indented with spaces, without anchors, aliases " +
				"and tags.",
			projectFileName, "project: esempio\ntitle: Sportello: le pratiche\n", "project: esempio\ntitle: \"Sportello: le pratiche\"\n",
		},
		{
			DuplicateKey, "a key stands twice",
			"One object has the same key twice. Only one of them could count, so neither does.",
			projectFileName, "project: esempio\ntitle: Uno\ntitle: Due\n", "project: esempio\ntitle: Uno\n",
		},
		{
			BadFile, "a file that cannot be used",
			"A file that is named is missing, is not a regular file, is too large, may not be read, or lies outside of the project.",
			projectFileName, projectFile + "contract: openapi/non-esiste.yaml\n", projectFile,
		},
	}
}

func fieldDocs() []Doc {
	return []Doc{
		{
			UnknownField, "a key that nobody knows",
			"The key is not part of the language at this place. It is misspelt, or indented so that it belongs to something else.",
			projectFileName, "project: esempio\ntitel: Sportello\n", "project: esempio\ntitle: Sportello\n",
		},
		{
			MissingField, "a key that must be there is not",
			"The object lacks a key without which it has no meaning.",
			projectFileName, "title: Sportello\n", "project: esempio\ntitle: Sportello\n",
		},
		{
			WrongType, "another kind of value was expected",
			"A list stands where text belongs, a number where an object does, or nothing at all. What looks like a number and is meant as text " +
				"goes in quotes.",
			projectFileName, "project: esempio\nserver: [\":8080\"]\n", "project: esempio\nserver: { listen: \":8080\" }\n",
		},
		{
			BadValue, "a value out of its range or form",
			"The value is of the right kind, but not one of those that are allowed: a duration without a unit, a number out of its range, a word " +
				"that is not one of the choices.",
			projectFileName, "project: esempio\nserver: { grace: 30 }\n", "project: esempio\nserver: { grace: 30s }\n",
		},
		{
			BadReference, "a reference that cannot be",
			"${env.X}, ${secret.x} and ${param.x} name a variable, a secret or a connector's parameter. Here one is not closed, or names " +
				"something that this place cannot have.",
			projectFileName, "project: esempio\nserver: { listen: \"${enw.LISTEN}\" }\n",
			"project: esempio\nserver: { listen: \"${env.LISTEN}\" }\n",
		},
		{
			LiteralSecret, "a secret is written into the file",
			"A parameter with secret: true has its value in the file, where everybody reads it who reads the repository. Refer to it, and change " +
				"the secret: it is known now.",
			projectFileName, strings.Replace(projectFile, "${secret.sportello}", "abc123", 1), projectFile,
		},
	}
}
