// Writes table.tsv: texts, and what apimachinery makes of each as a quantity, exact to the double, or "refused".
// Run it here when apimachinery changes: go run . > table.tsv
package main

import (
	"bufio"
	"fmt"
	"math/big"
	"math/rand"
	"os"
	"strconv"
	"strings"

	"gopkg.in/inf.v0"
	"k8s.io/apimachinery/pkg/api/resource"
)

const rows = 10000

var edges = []string{
	"600M", "600Mi", "129e6", "1E3", "1E", "1.2Gi", "1288490188800m", "128974848000m", "156340n", "250u", "0.5", ".5", "1.", "+5", "0",
	"16g", "1K", "1 Mi", "1e", "--5", "100m", "1Ki", "1e3", "0.0000000001", "1024Mi", "1Gi", "123456789012345678901234567890",
	"0.123456789012345678901234567890", "-0.0000000001", ".", "+", "-", "-.", "M", "Ki", ".Ki", "e3", "+.5Ki", "1.Ki", "1.5.5",
	"1-5", "1+", "1e+5", "1e-5", "1e+-5", "1e5e", "1Ki5", "1E+3", "1E-3", "1e1.5", "1e4294967296", "1e4294967299", "1e-4294967297",
	"1e99999999999999999999", "1e300", "1e308", "1e309", "-1e400", "0e400", "1e-400", "9223372036854775807", "9223372036854775808",
	"8Ei", "7.99999999999999Ei", "-8Ei", "-9Ei", "9Ei", "100Ei", "0.0000000001Ki", "1.00000000001", "1.3Ki", "999999999999999999n",
	"0.1n", "0.9n", "1.1n", "-1.1n", "0Ki", "-0", "00012", "000.5k", "0x10", "1_000", "1,5", "inf", "nan", "NaN", "1MB", "1kB", "1mi",
	"1KI", "1MI", "1ki", "1 ", " 1", "\u0661", "1\u00b5", "1m1", "1mm", "1EE", "1Ee3", "1eE3", "1ei", "1Ei", "1Ei3", "2Pi", "3Ti", "4.5Ti",
}

var suffixes = []string{"", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}

func digits(dice *rand.Rand, most int) string {
	var out strings.Builder
	for range dice.Intn(most + 1) {
		out.WriteByte(byte('0' + dice.Intn(10)))
	}
	return out.String()
}

// legal or nearly so: the pieces of the grammar, each now and then left out.
func composed(dice *rand.Rand) string {
	most := 1 + dice.Intn(1+dice.Intn(30))
	text := []string{"", "", "", "", "+", "-"}[dice.Intn(6)] + digits(dice, most)
	if dice.Intn(2) == 0 {
		text += "." + digits(dice, most)
	}
	if dice.Intn(4) == 0 {
		return text + []string{"e", "E"}[dice.Intn(2)] + []string{"", "+", "-"}[dice.Intn(3)] + digits(dice, 2)
	}
	return text + suffixes[dice.Intn(len(suffixes))]
}

func random(dice *rand.Rand) string {
	const letters = "0123456789..+-eEinumkKMGTP gx"
	var out strings.Builder
	for range 1 + dice.Intn(6) {
		out.WriteByte(letters[dice.Intn(len(letters))])
	}
	return out.String()
}

func value(of *inf.Dec) float64 {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(int64(of.Scale()), -int64(of.Scale()))), nil)
	ratio := new(big.Rat).SetInt(of.UnscaledBig())
	if of.Scale() < 0 {
		ratio.Mul(ratio, new(big.Rat).SetInt(power))
	} else {
		ratio.Quo(ratio, new(big.Rat).SetInt(power))
	}
	out, _ := ratio.Float64()
	return out
}

func verdict(text string) string {
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return "refused"
	}
	return strconv.FormatFloat(value(quantity.AsDec()), 'g', -1, 64)
}

func main() {
	dice := rand.New(rand.NewSource(1))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	seen := map[string]bool{}
	next := func(text string) {
		if !seen[text] && len(seen) < rows {
			seen[text] = true
			fmt.Fprintf(out, "%s\t%s\n", text, verdict(text))
		}
	}
	for _, text := range edges {
		next(text)
	}
	for len(seen) < rows {
		next(composed(dice))
		if dice.Intn(4) == 0 {
			next(random(dice))
		}
	}
}
