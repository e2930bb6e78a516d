/*
 * Where CPUs wait that are not used: in direct addressing mode, asleep until IPI 0 comes with an address in mailbox 0.
 */
#include "arch/loongarch/csr.h"

#define IPI_STATUS 0x1000
#define IPI_ENABLE 0x1004
#define IPI_CLEAR 0x100c
#define MAILBOX0 0x1020

	.text
	.globl	cpu_park_entry
cpu_park_entry:
	ori	$t0, $zero, CRMD_IE
	csrxchg	$zero, $t0, CSR_CRMD
	csrwr	$zero, CSR_TCFG
	li.w	$t1, -1
	ori	$t0, $zero, (IPI_STATUS >> 4)
	slli.d	$t0, $t0, 4
	addi.d	$t2, $t0, IPI_CLEAR - IPI_STATUS
	addi.d	$t3, $t0, MAILBOX0 - IPI_STATUS
	iocsrwr.d $zero, $t3
	iocsrwr.w $t1, $t2
	addi.d	$t4, $t0, IPI_ENABLE - IPI_STATUS
	iocsrwr.w $t1, $t4
	li.w	$t1, ECFG_LIE
	li.w	$t4, IS_IPI
	csrxchg	$t4, $t1, CSR_ECFG	/* `idle` ends for an enabled line, taken or not */
1:	idle	0
	iocsrrd.w $t1, $t0
	andi	$t1, $t1, 1
	beqz	$t1, 1b
	li.w	$t1, -1
	iocsrwr.w $t1, $t2
	iocsrrd.d $t1, $t3
	beqz	$t1, 1b
	jr	$t1
