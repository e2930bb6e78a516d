; A BIOS ROM of the smallest size, in place of SeaBIOS: says on COM1 that it runs, how it was entered, and powers the machine off
; through the ACPI PM1a control register, which it first places at port 604h as QEMU's PC needs it.
;
; nasm -f bin: 64 KiB, the reset vector at FFF0h.
bits 16
org 0

start:	cli
	mov bx, cs
	mov ax, 0f000h
	mov ds, ax
	mov ss, ax		; nothing is pushed: there may be no RAM behind it
	mov si, s_hello
	mov di, .entered
	jmp print
.entered:
	cmp bx, 0f000h
	mov si, s_good
	je .said
	mov si, s_bad
.said:	mov di, poweroff
	jmp print
%include "poweroff.inc"

; the text at SI, then goes on at DI
print:	lodsb
	test al, al
	jz .end
	mov ah, al
	mov dx, 3fdh
.wait:	in al, dx
	test al, 20h
	jz .wait
	mov dx, 3f8h
	mov al, ah
	out dx, al
	jmp print
.end:	jmp di

s_hello: db 'bios: running', 13, 10, 0
s_good:	db 'bios: entered at F000', 13, 10, 0
s_bad:	db 'bios: entered elsewhere', 13, 10, 0

	times 0fff0h - ($ - $$) db 0ffh
	jmp 0f000h:start
	times 10000h - ($ - $$) db 0ffh
