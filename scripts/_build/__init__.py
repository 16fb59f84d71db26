"""The build of the artifacts and of the docs' tables; Ape passes over what begins with _."""
