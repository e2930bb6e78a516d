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

lm:	mov esp, STACK
	xor eax, eax
	mov ds, eax
	mov es, eax
	mov ss, eax
	mov fs, eax
	mov gs, eax
	lgdt [ramgdtr]
	call make_idt
	mov ax, T1
	ltr ax
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

bits 64
%include "poweroff.inc"

	times 0fff0h - ($ - $$) db 0ffh
bits 16
	jmp 0f000h:off(start)
	times 10000h - ($ - $$) db 0ffh
