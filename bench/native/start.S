/* The kernels as a program for QEMU's LoongArch machine without anything below: cached direct-mapped window, FPU and LSX on. */
#define CRMD_ON 0xb0        /* PG, cached; PLV 0, no interrupts */
#define DMW_CACHED 0x11     /* PLV 0, cached, segment 9 */
#define DMW_DEVICE 0x01     /* PLV 0, uncached, segment 8 */
#define EUEN_ON 3
#define CSR_CRMD 0x0
#define CSR_EUEN 0x2
#define CSR_DMW0 0x180
#define CSR_DMW1 0x181

	.section .text.start, "ax"
	.globl	_start
_start:
	li.d	$t0, 0x9000000000000000 | DMW_CACHED
	csrwr	$t0, CSR_DMW0
	li.d	$t0, 0x8000000000000000 | DMW_DEVICE
	csrwr	$t0, CSR_DMW1
	li.d	$t0, CRMD_ON
	csrwr	$t0, CSR_CRMD
	la.abs	$t0, 1f
	jr	$t0
1:	li.d	$t0, EUEN_ON
	csrwr	$t0, CSR_EUEN
	la.abs	$sp, stack_top
	bl	bench_main
	/* the power switch */
	li.d	$t0, 0x80000000100e001c
	li.d	$t1, 0x34
	st.b	$t1, $t0, 0
	b	.

	.section .bss
	.balign	16
	.space	65536
stack_top:
