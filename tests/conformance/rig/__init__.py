"""The driver of the conformance rig (docs/conformance.md): it lets `vectors` generate cases, runs them in machines, reduces what fails and
says so."""
