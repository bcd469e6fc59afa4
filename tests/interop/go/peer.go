// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

// One end of an AF_VSOCK stream by github.com/mdlayher/vsock, for standard input and output:
//
//	peer listen|connect PORT
//
// It connects to CID 1. The end of standard input closes one direction, and it ends when both have.
package main

import (
	"io"
	"log"
	"os"
	"strconv"

	"github.com/mdlayher/vsock"
)

func open(role string, port uint32) (*vsock.Conn, error) {
	if role == "connect" {
		return vsock.Dial(vsock.Local, port, nil)
	}
	listener, err := vsock.Listen(port, nil)
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	connection, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	return connection.(*vsock.Conn), nil
}

func send(connection *vsock.Conn) error {
	if _, err := io.Copy(connection, os.Stdin); err != nil {
		return err
	}
	return connection.CloseWrite()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	port, err := strconv.ParseUint(os.Args[2], 10, 32)
	check(err)
	connection, err := open(os.Args[1], uint32(port))
	check(err)

	sent := make(chan error)
	go func() { sent <- send(connection) }()
	_, err = io.Copy(os.Stdout, connection)
	check(err)
	// Whoever reads the output may wait for its end before giving the last input.
	check(os.Stdout.Close())
	check(<-sent)
	check(connection.Close())
}
