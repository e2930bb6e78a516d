; A boot disk that overwrites code it has executed: by stores to the same page, to the next instruction, through another
; mapping, and by disk DMA; first in real mode and flat protected mode, then with paging on. Reports on COM1, then powers off
; through the ACPI PM1a control register of the board (port 604h).
;
; nasm -f bin; sectors: 0 boot, 1.. the program (8000h), then two sectors of code for the DMA test.
bits 16
org 7c00h

PROGRAM equ 8000h
PROGRAM_SECTORS equ 12
DMA_BUFFER equ 20000h		; code read from disk runs here
PAGE_DIR equ 30000h
PAGE_TABLE equ 31000h
CROSSING equ 80002000h		; the beginning of a page that code runs into
ALIAS equ 400000h		; second linear address of DMA_BUFFER's page

boot:	jmp 0:.go
.go:	xor ax, ax
	mov ds, ax
	mov ss, ax
	mov sp, 7c00h
	mov [drive], dl
	mov si, packet
	mov ah, 42h
	int 13h
	jc .fail
	jmp 0:PROGRAM
.fail:	jmp $
packet:	db 16, 0
	dw PROGRAM_SECTORS
	dw PROGRAM, 0
	dq 1
drive:	db 0
	times 510-($-$$) db 0
	dw 0aa55h

section program vstart=PROGRAM follows=.text
start:	sti
	mov cx, 10		; ticks in which the BIOS's serial console says its last words
.settle: hlt
	loop .settle
	mov si, s_begin
	call print
	call real_same_page
	call real_next_insn
	call real_next_byte_prefetch
	call real_string_store
	call real_alone
	call real_dma
	; the same in protected mode, without and with paging
	call enter_pm
bits 32
	call pm_crossing
	call pm_next_insn
	call pm_far_in_page
	call pm_loop_patch
	call pm_flags_return
	call leave_pm
bits 16
	call pm_dma_unpaged
	call enter_paging
bits 32
	call pm_next_insn
	call pm_far_in_page
	call pm_loop_patch
	call pm_flags_return
	call pm_alias
	call pm_data_beside_code
	call leave_paging
bits 16
	call pm_dma_paged
	mov si, s_total
	call print
	mov ax, [passed]
	call print_dec
	mov si, s_passed
	call print
	mov ax, [failed]
	call print_dec
	mov si, s_failed
	call print
	mov dx, 604h
	mov ax, 2000h		; SLP_EN, type 0: S5 on this board
	out dx, ax
	mov ax, 3400h
	out dx, ax
	hlt
	jmp $

; ---- results: AX or EAX against BX or EBX, name at SI ----
check:	cmp ax, bx
	jne .bad
	inc word [passed]
	push si
	mov si, s_ok
	call print
	pop si
	jmp .name
.bad:	inc word [failed]
	push si
	mov si, s_bad
	call print
	pop si
.name:	call print
	mov si, s_nl
	jmp print

print:	lodsb
	test al, al
	jz .end
	call putc
	jmp print
.end:	ret

putc:	push dx
	push ax
	mov dx, 3fdh
.wait:	in al, dx
	test al, 20h
	jz .wait
	pop ax
	mov dx, 3f8h
	out dx, al
	pop dx
	ret

print_dec:
	xor cx, cx
	mov bx, 10
.next:	xor dx, dx
	div bx
	push dx
	inc cx
	test ax, ax
	jnz .next
.out:	pop ax
	add al, '0'
	call putc
	loop .out
	ret

; ---- real mode ----
real_same_page:
	call .code
	mov word [.code + 1], 2222h
	call .code
	mov bx, 2222h
	mov si, s_real_same
	jmp check
.code:	mov ax, 1111h
	ret

real_next_insn:			; the store hits the instruction behind it
	mov cx, 3
	xor ax, ax
.again:	inc byte [.next + 1]
.next:	mov bl, 0
	add al, bl
	loop .again
	mov bx, 6		; 1 + 2 + 3
	mov si, s_real_next
	jmp check

real_next_byte_prefetch:	; a store in the same block, several instructions ahead
	mov byte [.patch], 40h	; inc ax
	xor ax, ax
	nop
	nop
.patch:	nop
	mov byte [.patch], 90h
	mov bx, 1
	mov si, s_real_ahead
	jmp check

real_string_store:		; REP STOSB over code that was executed
	call .code
	mov di, .code
	mov cx, 2
	mov al, 40h		; inc ax, twice, instead of two NOPs
	push ds
	pop es
	cld
	rep stosb
	xor ax, ax
	call .code
	mov bx, 2
	mov si, s_real_string
	jmp check
.code:	nop
	nop
	ret

real_alone:			; an instruction in the shadow of STI while a tick waits, another one each time
	mov cx, 3
	xor di, di
.again:	cli
.wait:	mov al, 0ah		; the interrupts that wait
	out 20h, al
	in al, 20h
	test al, 1
	jz .wait
	inc byte [.next + 1]
	sti
.next:	mov dx, 0
	add di, dx
	loop .again
	mov ax, di
	mov bx, 6		; 1 + 2 + 3
	mov si, s_real_alone
	jmp check

; reads sector number EAX to the DMA buffer
read_sector:
	mov [dap + 8], eax
	mov si, dap
	mov ah, 42h
	mov dl, [drive]
	int 13h
	jnc .ok
	mov si, s_disk
	call print
.ok:	ret

run_buffer16:
	call DMA_BUFFER >> 4:0
	ret

real_dma:
	mov eax, 1 + PROGRAM_SECTORS
	call read_sector
	call run_buffer16
	mov [first], ax
	mov eax, 2 + PROGRAM_SECTORS
	call read_sector
	call run_buffer16
	mov bx, 0b0b0h
	mov si, s_real_dma
	call check
	mov ax, [first]
	mov bx, 0a0a0h
	mov si, s_real_dma1
	jmp check

; ---- mode switches: near calls that return in the other mode ----
enter_pm:
	pop bp
	cli
	lgdt [gdtr]
	mov eax, cr0
	or al, 1
	mov cr0, eax
	jmp 8:.pm
bits 32
.pm:	mov ax, 10h
	mov ds, ax
	mov es, ax
	mov ss, ax
	movzx esp, sp
	movzx ebp, bp
	jmp ebp

leave_pm:
	pop ebp
	jmp 18h:.pm16
bits 16
.pm16:	mov ax, 20h
	mov ds, ax
	mov es, ax
	mov ss, ax
	mov eax, cr0
	and al, 0feh
	mov cr0, eax
	jmp 0:.rm
.rm:	xor ax, ax
	mov ds, ax
	mov es, ax
	mov ss, ax
	sti
	jmp bp

enter_paging:
	pop bp
	push bp
	call map
	call enter_pm
bits 32
	mov eax, PAGE_DIR
	mov cr3, eax
	mov eax, cr0
	or eax, 80000000h
	mov cr0, eax
	jmp .here
.here:	movzx ebp, word [esp]
	add esp, 2
	jmp ebp

leave_paging:
	pop ebp
	mov eax, cr0
	and eax, 7fffffffh
	mov cr0, eax
	xor eax, eax
	mov cr3, eax
	push ebp
	call leave_pm
bits 16
	pop ebp
	jmp bp

; identity map of 4 MiB, and ALIAS -> DMA_BUFFER
map:	mov ax, PAGE_DIR >> 4
	mov es, ax
	xor di, di
	mov cx, 2048
	xor eax, eax
	cld
	rep stosd
	mov dword [es:0], PAGE_TABLE + 3
	mov dword [es:4], PAGE_TABLE + 1003h
	mov di, 1000h
	mov eax, 3
	mov cx, 1024
.next:	stosd
	add eax, 1000h
	loop .next
	mov dword [es:2000h], DMA_BUFFER + 3
	xor ax, ax
	mov es, ax
	ret

bits 32
; in protected mode results are collected through check32
check32:
	cmp eax, ebx
	jne .bad
	inc word [passed]
	push esi
	mov esi, s_ok
	call print32
	pop esi
	jmp .name
.bad:	inc word [failed]
	push esi
	mov esi, s_bad
	call print32
	pop esi
.name:	call print32
	mov esi, s_mode_plain
	mov eax, cr0
	test eax, eax
	jns .mode
	mov esi, s_mode_paged
.mode:	jmp print32

print32:
	lodsb
	test al, al
	jz .end
	mov ah, al
	mov edx, 3fdh
.wait:	in al, dx
	test al, 20h
	jz .wait
	mov edx, 3f8h
	mov al, ah
	out dx, al
	jmp print32
.end:	ret

pm_next_insn:
	mov byte [.next + 1], 0
	mov ecx, 5
	xor eax, eax
.again:	inc byte [.next + 1]
.next:	mov bl, 0
	movzx ebx, bl
	add eax, ebx
	loop .again
	mov ebx, 15
	mov esi, s_pm_next
	jmp check32

pm_far_in_page:
	mov byte [.code + 1], 7
	call .code
	mov edx, eax
	mov byte [.code + 1], 9
	call .code
	shl edx, 8
	or eax, edx
	mov ebx, 709h
	mov esi, s_pm_page
	jmp check32
.code:	mov eax, 7
	ret

pm_loop_patch:			; a loop patches its own body in each of 100 rounds
	mov ecx, 100
	xor eax, eax
.again:	mov [.add + 1], ecx
.add:	add eax, strict dword 0
	dec ecx
	jnz .again
	mov ebx, 5050
	mov esi, s_pm_loop
	jmp check32

pm_crossing:			; twice a jump to an instruction across pages, above 2 GiB
	mov edi, CROSSING - 16
	mov dword [edi], 90900cebh	; jmp CROSSING - 2
	mov dword [edi + 14], 000709b8h	; mov eax, 709h
	mov dword [edi + 18], 9090c300h	; ret
	mov eax, 709h
	cmp dword [edi], 90900cebh	; there is memory
	jne .none
	call edi
	mov eax, cr3
	mov cr3, eax		; what is known of addresses is forgotten
	xor eax, eax
	call edi
.none:	mov ebx, 709h
	mov esi, s_pm_crossing
	jmp check32

pm_flags_return:		; where a call returns to, the flags are overwritten at first, then read; in a page where little has been changed yet
	mov esi, .begin
	mov edi, DMA_BUFFER
	mov ecx, .end - .begin
	rep movsb
	mov edi, DMA_BUFFER + .back - .begin
	mov ecx, 5
	lea edx, [edi + .again - .back]
	call edx
	movzx eax, al
	mov ebx, 1
	mov esi, s_pm_flags
	jmp check32
.begin:
.again:	test ecx, ecx
	call .reads		; else what is left of earlier flags might do
	call .code
.back:	xor eax, eax
	nop
	nop
	dec ecx
	js .out
	jnz .again
	mov dword [edi], 90c0920fh	; setb al
	jmp .again
.out:	ret
.reads:	setnz dl
	ret
.code:	xor eax, eax
	cmp eax, 1
	ret
.end:

pm_alias:			; code executed at one linear address, written at another
	mov dword [DMA_BUFFER], 0011b8h | 22h << 8
	mov dword [DMA_BUFFER + 4], 0000c300h
	mov byte [DMA_BUFFER], 0b8h
	mov dword [DMA_BUFFER + 1], 11h
	mov byte [DMA_BUFFER + 5], 0c3h
	mov edi, DMA_BUFFER
	call edi
	mov edx, eax
	mov dword [ALIAS + 1], 22h
	call edi
	shl edx, 8
	or eax, edx
	mov ebx, 1122h
	mov esi, s_pm_alias
	jmp check32

pm_data_beside_code:		; a counter in the page of the loop that counts
	mov dword [.count], 0
	mov ecx, 1000
.again:	inc dword [.count]
	dec ecx
	jnz .again
	mov eax, [.count]
	mov ebx, 1000
	mov esi, s_pm_data
	jmp check32
.count:	dd 0

bits 16
; DMA while executed translations of the buffer exist, run in flat protected mode
pm_dma_unpaged:
	mov eax, 3 + PROGRAM_SECTORS
	call read_sector
	call enter_pm
bits 32
	mov edi, DMA_BUFFER
	call edi
	mov [first], ax
	call leave_pm
bits 16
	mov eax, 4 + PROGRAM_SECTORS
	call read_sector
	call enter_pm
bits 32
	mov edi, DMA_BUFFER
	call edi
	mov ebx, 0d0d0h
	mov esi, s_pm_dma
	call check32
	movzx eax, word [first]
	mov ebx, 0c0c0h
	mov esi, s_pm_dma1
	call check32
	call leave_pm
bits 16
	ret

pm_dma_paged:
	mov eax, 3 + PROGRAM_SECTORS
	call read_sector
	call enter_paging
bits 32
	mov edi, DMA_BUFFER
	call edi
	mov edi, ALIAS
	call edi
	mov [first], ax
	call leave_paging
bits 16
	mov eax, 4 + PROGRAM_SECTORS
	call read_sector
	call enter_paging
bits 32
	mov edi, ALIAS
	call edi
	mov edx, eax
	mov edi, DMA_BUFFER
	call edi
	shl edx, 16
	or eax, edx
	mov ebx, 0d0d0d0d0h
	mov esi, s_pm_dma
	call check32
	movzx eax, word [first]
	mov ebx, 0c0c0h
	mov esi, s_pm_dma1
	call check32
	call leave_paging
bits 16
	ret

align 8
gdt:	dq 0
	dq 00cf9a000000ffffh	; 8: code, 32 bits, flat
	dq 00cf92000000ffffh	; 10h: data, flat
	dq 00009a000000ffffh	; 18h: code, 16 bits
	dq 000092000000ffffh	; 20h: data, 64 KiB
gdtr:	dw $ - gdt - 1
	dd gdt
align 4
dap:	db 16, 0
	dw 1
	dw 0, DMA_BUFFER >> 4
	dq 0
passed:	dw 0
failed:	dw 0
first:	dw 0
s_begin: db 'smc: begin', 13, 10, 0
s_ok:	db 'ok   ', 0
s_bad:	db 'FAIL ', 0
s_nl:	db 13, 10, 0
s_mode_plain: db ' (paging off)', 13, 10, 0
s_mode_paged: db ' (paging on)', 13, 10, 0
s_disk:	db 'disk error', 13, 10, 0
s_real_same: db 'real mode: store into a called function of the same page', 0
s_real_next: db 'real mode: store into the next instruction', 0
s_real_ahead: db 'real mode: store a few instructions ahead', 0
s_real_string: db 'real mode: string store over executed code', 0
s_real_alone: db 'real mode: store into an instruction that runs alone', 0
s_real_dma: db 'real mode: code replaced by disk DMA', 0
s_real_dma1: db 'real mode: code first read from disk', 0
s_pm_next: db 'protected mode: store into the next instruction', 0
s_pm_page: db 'protected mode: store into a called function', 0
s_pm_loop: db 'protected mode: loop that patches itself', 0
s_pm_crossing: db 'protected mode: jump to an instruction across pages', 0
s_pm_flags: db 'protected mode: flags behind a return to changed code', 0
s_pm_alias: db 'protected mode: store through another mapping', 0
s_pm_data: db 'protected mode: data beside code', 0
s_pm_dma: db 'protected mode: code replaced by disk DMA', 0
s_pm_dma1: db 'protected mode: code first read from disk', 0
s_total: db 'smc: ', 0
s_passed: db ' passed, ', 0
s_failed: db ' failed', 13, 10, 0
	times PROGRAM_SECTORS * 512 - ($ - start) db 0

; the sectors read by DMA
	mov ax, 0a0a0h
	retf
	times 512 * (PROGRAM_SECTORS + 1) - ($ - start) db 90h
	mov ax, 0b0b0h
	retf
	times 512 * (PROGRAM_SECTORS + 2) - ($ - start) db 90h
bits 32
	mov eax, 0c0c0h
	ret
	times 512 * (PROGRAM_SECTORS + 3) - ($ - start) db 90h
	mov eax, 0d0d0h
	ret
	times 2048 * 512 - ($ - start) db 0
