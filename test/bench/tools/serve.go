package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// serve listens with a certificate for these addresses, signed by the cluster's CA of the folder `pki`. It prints one line when it does.
func serve(address, pki string, names []net.IP, handler http.Handler) error {
	certificate, err := signed(pki, names)
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", address, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	quiet := log.New(os.Stderr, "", 0)
	return (&http.Server{Handler: handler, ErrorLog: quiet}).Serve(listener)
}

func signed(pki string, names []net.IP) (tls.Certificate, error) {
	authority, err := tls.LoadX509KeyPair(filepath.Join(pki, "ca.crt"), filepath.Join(pki, "ca.key"))
	if err != nil {
		return authority, err
	}
	issuer, err := x509.ParseCertificate(authority.Certificate[0])
	if err != nil {
		return authority, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority, err
	}
	asked := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: names}
	made, err := x509.CreateCertificate(rand.Reader, asked, issuer, key.Public(), authority.PrivateKey)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, err
}
