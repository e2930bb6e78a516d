; Transfers of control and system instructions in long mode: a BIOS ROM like long.asm, compared with system.txt.
;
; Who gets through lands at LAND + n in code of any width, which is INT 80h: printed are ">", the RIP behind it, CS, SS, RSP. Other lines are those of long.asm.
org 0f0000h
%define BASE 0f0000h
%define off(x) ((x) - BASE)
%include "layout.inc"

LAND	equ 0a000h		; a page of INT 80h
fptr	equ 0700h		; a far pointer
result	equ 0b000h		; a page for what ring 3 finds
rsp0	equ TSS + 4
ist	equ TSS + 28		; ist + 8 * n
STACK0	equ 6800h		; what rsp0 holds while tests run

%include "enter.inc"
%include "harness.inc"

lm:	ready_for_tests
	mov edi, LAND
	mov ecx, 1000h / 2
	mov eax, 80cdh
	rep stosw
	mov qword [rsp0], STACK0
	P {"system64", 13, 10}
	call table_tests
	call far_tests
	call return_tests
	call iret_tests
	call event_tests
	call fault_tests
	call fastcall_tests
	call short_tests
	call control_tests
	call apic_tests
	call direction_tests
	P {"done", 13, 10}
	jmp poweroff

%include "tables64.inc"
%include "far64.inc"
%include "return64.inc"
%include "iret64.inc"
%include "events64.inc"
%include "fault64.inc"
%include "fastcall64.inc"
%include "short64.inc"
%include "control64.inc"
%include "apic64.inc"
%include "direction.inc"
%include "end.inc"
