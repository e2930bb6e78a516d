; The system architecture of the CPU: a BIOS ROM that prints on COM1 what its instructions do, and switches the machine off. The run
; script compares the text with expected.txt. A line mostly is: name of the test, vector, error code (eeeeeeee: none), EIP relative to the
; instruction, flags (OF and RF left out); vector ffffffff and error 99999999 stand for "no exception".
;
; nasm -f bin: 64 KiB at f0000h, the reset vector at its end. RAM below 64 KiB is used as the constants say.
org 0f0000h
%define BASE 0f0000h
%define off(x) ((x) - BASE)

RAM_GDT	equ 0800h
RAM_IDT	equ 1000h
TSS	equ 2000h
TSS2	equ 2c00h
IOPB	equ TSS + 104
LDTB	equ 2d00h
PDPT	equ 2800h
V	equ 0500h		; variables: where exceptions go on, and what the last one was
v_resume equ V
v_vec	equ V + 4
v_err	equ V + 8
v_eip	equ V + 12
v_cs	equ V + 16
v_fl	equ V + 20
v_esp	equ V + 24
v_sesp	equ V + 28
v_n	equ V + 32
v_steps	equ V + 36
v_irq	equ V + 40
v_irqeip equ V + 44
v_ds	equ V + 48
v_tmp	equ V + 52
buf	equ 3000h
STACK	equ 7000h
STACK3	equ 9000h
FX	equ 0c000h

C0 equ 08h
D0 equ 10h
C3 equ 1bh
D3 equ 23h
T1 equ 28h
T2 equ 30h
GATE equ 38h
GATE3 equ 40h
NP equ 48h
RO equ 50h
SMALL equ 58h
C16 equ 60h
D16 equ 68h
LDTS equ 70h
CONF equ 78h
TGATE equ 80h
XO equ 88h
DOWN equ 90h
LIM equ 98h
NEARLIM equ 0a0h

bits 16
start:	cli
	cld
	mov dx, 3fbh		; 8 bits a character
	mov al, 3
	out dx, al
	xor ax, ax
	mov ss, ax
	mov sp, 7000h
	mov ds, ax
	mov es, ax
	; clear RAM
	mov di, 500h
	mov cx, 6000h
	xor ax, ax
	rep stosb
	; GDT to RAM
	mov ax, 0f000h
	mov ds, ax
	mov si, off(gdt)
	mov di, RAM_GDT
	mov cx, gdt_end - gdt
	rep movsb
	jmp real_tests
real_done:
	xor ax, ax
	mov ds, ax
	mov es, ax
	mov ss, ax
	mov sp, 7000h
	o32 lgdt [cs:off(gdtr)]
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp dword C0:pm

%include "real.inc"
%include "tables.inc"
%include "harness.inc"

pm:	mov eax, D0
	mov ds, eax
	mov es, eax
	mov ss, eax
	mov esp, STACK
	P {"protected", 13, 10}
%assign n 0
%rep 32
	gate n, exc%[n], 8eh
%assign n n+1
%endrep
	gate 3, exc3, 0eeh
	gate 4, exc4, 0eeh
	gate 80h, exc80, 0eeh
	gate 81h, exc80, 8eh
	gate 82h, exc80, 0eh
	gate 20h, irq0, 8eh
	lidt [idtr]
	; TSS
	mov dword [TSS + 4], 6000h
	mov dword [TSS + 8], D0
	mov word [TSS + 102], 104
	mov edi, IOPB
	mov ecx, 2000h / 8 / 4
	mov eax, -1
	; the map covers ports 0 - 0x3bff or so; only a few allowed
	push edi
	rep stosd
	pop edi
	mov byte [IOPB + 3f8h / 8], 0
	mov byte [IOPB + 80h / 8], 0feh
	mov ax, T1
	ltr ax
	str eax
	PV eax
	mov ax, LDTS
	lldt ax
	sldt eax
	PV eax
	call nl
	call segment_tests
	call trap_tests
	call far_tests
	call flag_tests
	call step_tests
	call break_tests
	call irq_tests
	call ring3_tests
	call v86_tests
	call task_tests
	call cr_tests
	call fx_tests
	call enter_tests
	call sysenter_tests
	call exact_tests
	call paged_segment_tests
	call moved_tests
	call across_tests
	call reload_tests
	call sum_tests
	call loop_tests
	call held_tests
	call region_tests
	P {"done", 13, 10}
	jmp poweroff

%include "segments.inc"
%include "traps.inc"
%include "far.inc"
%include "flags.inc"
%include "debug.inc"
%include "interrupts.inc"
%include "ring3.inc"
%include "v86.inc"
%include "tasks.inc"
%include "control.inc"
%include "exact.inc"
%include "paged.inc"
%include "moved.inc"
%include "across.inc"
%include "pending.inc"
%include "reload.inc"
%include "loops.inc"
%include "held.inc"
%include "regions.inc"

%include "poweroff.inc"
	align 4
zero:	dd 0, 0
idtr:	dw 7ffh
	dd RAM_IDT

	times 0fff0h - ($ - $$) db 0ffh
bits 16
	jmp 0f000h:off(start)
	times 10000h - ($ - $$) db 0ffh
