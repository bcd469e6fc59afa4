// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

module peer

go 1.20

require (
	github.com/linuxkit/virtsock v0.0.0-20241009230534-cb6a20cc0422
	github.com/mdlayher/vsock v1.2.1
)

require (
	github.com/mdlayher/socket v0.4.1 // indirect
	golang.org/x/net v0.9.0 // indirect
	golang.org/x/sync v0.1.0 // indirect
	golang.org/x/sys v0.7.0 // indirect
)
