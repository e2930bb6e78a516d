/*
 * Starts musl as a kernel starts a static program: arguments, environment and auxiliary vector laid out as on a stack, with a made-up
 * program header table that tells where thread-local storage is (System V ABI, LoongArch supplement).
 */
#include <elf.h>
#include <stdint.h>

#include "arch/loongarch/host.h"
#include "libc/libc.h"

#define TLS_ALIGN 64 /* as linker.ld aligns .tdata */

extern char __tls_start[], __tdata_end[], __tls_end[];
int main(int argc, char **argv);
int __libc_start_main(int (*main)(int, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*ldso_fini)(void));

/* Normally from crt files: the image has none. */
void _init(void) {}
void _fini(void) {}

struct start_stack {
	char *argv[3];
	char *envp[1];
	Elf64_auxv_t auxv[10];
};

void libc_start(char *cmdline)
{
	static char name[] = "firmware";
	static Elf64_Phdr phdr[2];
	static struct start_stack st;
	static uint64_t random[2]; /* seeds musl's stack protector and malloc secrets */

	/* PT_PHDR with its own address tells musl that the image runs where it was linked, as it has been relocated already. */
	phdr[0] = (Elf64_Phdr){ .p_type = PT_PHDR, .p_vaddr = (uint64_t)phdr };
	phdr[1] = (Elf64_Phdr){
		.p_type = PT_TLS,
		.p_vaddr = (uint64_t)__tls_start,
		.p_filesz = __tdata_end - __tls_start,
		.p_memsz = __tls_end - __tls_start,
		.p_align = TLS_ALIGN,
	};
	random[0] = host_counter() * 0x9e3779b97f4a7c15;
	random[1] = random[0] ^ host_wall_seconds();
	st = (struct start_stack){
		.argv = { name, cmdline },
		.auxv = {
			{ AT_PHDR, { (uint64_t)phdr } },
			{ AT_PHNUM, { 2 } },
			{ AT_PHENT, { sizeof phdr[0] } },
			{ AT_PAGESZ, { 4096 } },
			{ AT_RANDOM, { (uint64_t)random } },
			{ AT_UID, { 0 } }, { AT_EUID, { 0 } }, { AT_GID, { 0 } }, { AT_EGID, { 0 } },
			{ AT_NULL, { 0 } },
		},
	};
	__libc_start_main(main, 2, st.argv, _init, _fini, 0);
	host_poweroff();
}
