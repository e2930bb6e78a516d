/* A file as data of the image: BLOB_start to BLOB_end hold FILE. */
#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)

	.section .rodata.GLUE(blob_, BLOB), "a", %progbits
	.balign	4096
	.globl	GLUE(BLOB, _start), GLUE(BLOB, _end)
	.hidden	GLUE(BLOB, _start), GLUE(BLOB, _end)
GLUE(BLOB, _start):
	.incbin	FILE
GLUE(BLOB, _end):
