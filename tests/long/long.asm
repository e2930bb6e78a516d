; Long mode: a BIOS ROM that enters it from reset with page tables of its own, prints on COM1 what memory accesses in it do, and switches the
; machine off. The run script compares the text with expected.txt. A line of a test is: name, vector (-- for none), error code, CR2 and
; RIP relative to the instruction, where they mean something.
;
; nasm -f bin: 64 KiB at f0000h, the reset vector at its end.
org 0f0000h
%define BASE 0f0000h
%define off(x) ((x) - BASE)

; variables
V	equ 0500h
v_resume equ V		; where an exception goes on, with the stack pointer below
v_rsp	equ V + 8
v_vec	equ V + 16
v_err	equ V + 24
v_rip	equ V + 32
v_cr2	equ V + 40
v_cs	equ V + 48
v_insn	equ V + 56
v_tmp	equ V + 64
v_erip	equ V + 72
v_addr	equ V + 80
v_sp3	equ V + 88
v_fl	equ V + 96
buf	equ 0600h		; 256 bytes

RAM_GDT	equ 0900h
RAM_IDT	equ 1000h
TSS	equ 2000h
STACK	equ 7000h
ISTACK	equ 8000h		; IST1
STACK3	equ 9000h

; page tables
PML4	equ 10000h
PDPT	equ 11000h		; identity: first 1 GiB by the directory, then one 1 GiB page at linear 1 GiB
PD	equ 12000h
PT0	equ 13000h		; linear 0 - 2 MiB
PT1	equ 14000h		; linear 2 - 4 MiB: the test pages
PDPTH	equ 15000h		; the last 512 GiB
PDH	equ 16000h
PTH	equ 17000h		; the last 2 MiB
PDPTM	equ 18000h		; below 2^47
PDM	equ 19000h
PTM	equ 1a000h
PML4B	equ 1b000h		; a second address space
PDPTB	equ 1c000h
PDB	equ 1d000h
PTB	equ 1e000h
PAGES	equ 300000h		; what test page n maps: PAGES + n * 4096; linear and physical address alike

LOW	equ 200000h		; linear address of the test pages
T_USER	equ LOW			; user, writable
T_SUP	equ LOW + 1000h		; supervisor
T_RO	equ LOW + 2000h		; user, read-only
T_NX	equ LOW + 3000h		; user, not executable
T_NONE	equ LOW + 4000h		; not present
T_RSVD	equ LOW + 5000h		; a reserved bit is set
T_CODE	equ LOW + 6000h		; user, holds a RET
T_FRESH	equ LOW + 7000h		; user, accessed and dirty bits clear
T_SUPRO	equ LOW + 8000h		; supervisor, read-only
T_OTHER	equ LOW + 9000h		; the same physical page as T_USER

C64	equ 08h
D0	equ 10h
C32	equ 18h			; compatibility mode, ring 0
C3_32	equ 20h + 3		; compatibility mode, ring 3
D3	equ 28h + 3
C3	equ 30h + 3		; 64-bit code, ring 3
T1	equ 38h			; 16 bytes

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
