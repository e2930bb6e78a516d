#ifndef HW_KBC_H
#define HW_KBC_H

/* The keyboard controller at ports 60 and 64. 0 or -ENOMEM. */
int kbc_init(void);

#endif
