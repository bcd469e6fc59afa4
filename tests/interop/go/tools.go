// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

//go:build tools

// Keeps sock_stress, which setup builds from its module, in go.mod.
package main

import _ "github.com/linuxkit/virtsock/cmd/sock_stress"
