/* api/openapi.json, with this version's number. */
    .section .rodata
    .global wrapup_openapi_begin, wrapup_openapi_end
wrapup_openapi_begin:
    .incbin "openapi.json"
wrapup_openapi_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
