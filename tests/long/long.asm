; Long mode: a BIOS ROM that enters it from reset with page tables of its own, prints on COM1 what memory accesses in it do, and switches the
; machine off. The run script compares the text with expected.txt. A line of a test is: name, vector (-- for none), error code, CR2 and
; RIP relative to the instruction, where they mean something.
;
; nasm -f bin: 64 KiB at f0000h, the reset vector at its end.
org 0f0000h
%define BASE 0f0000h
%define off(x) ((x) - BASE)

%include "layout.inc"
%include "enter.inc"
%include "harness.inc"

lm:	ready_for_tests
	P {"long", 13, 10}
	call paging_tests
	call address_tests
	call canonical_tests
	call compat_tests
	call hostile_tests
	call pcid_tests
	call cr8_tests
	call speed_tests
	P {"done", 13, 10}
	jmp poweroff

%include "paging.inc"
%include "address.inc"
%include "canonical.inc"
%include "compat.inc"
%include "hostile.inc"
%include "pcid.inc"
%include "cr8.inc"
%include "speed.inc"
%include "end.inc"
