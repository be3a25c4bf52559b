namespace CS3103P2P.Stun.Tests;

/// <summary>The published test vectors: RFC 5769 §2.1 to §2.4, and RFC 8489 §B.1 as corrected by its erratum 6268.</summary>
internal static class SampleMessages
{
    public const string ShortTermPassword = "VOkJxbRl1RmTxUk/WvJxBt";
    public const string LongTermUsername = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";
    public const string LongTermPassword = "TheMatrIX";
    public const string Realm = "example.org";

    public static byte[] Request => Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae80220010" + "5354554e207465737420636c69656e74" + "002400046e0001ff"
        + "80290008932ff9b151263b36" + "0006000965" + "76746a3a68367659202020" + "00080014"
        + "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004e57a3bcf");

    public static byte[] IPv4Response => Convert.FromHexString(
        "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b" + "7465737420766563746f7220" + "002000080001a147e112a643"
        + "00080014" + "2b91f599fd9e90c38c7489f92af9ba53f06be7d7" + "80280004c07d4c96");

    public static byte[] IPv6Response => Convert.FromHexString(
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b" + "7465737420766563746f7220" + "002000140002a147"
        + "0113a9faa5d3f179bc25f4b5bed2b9d9" + "00080014" + "a382954e4be67bf11784c97c8292c275bfe3ed41" + "80280004c8fb0b4c");

    public static byte[] LongTermRequest => Convert.FromHexString(
        "000100602112a44278ad3433c6ad72c029da412e00060012" + "e3839ee38388e383aae38383e382afe382b90000" + "0015001c"
        + "662f2f3439396b3935346436" + "4f4c33346f4c394653547679363473" + "41" + "0014000b" + "6578616d706c652e6f726700"
        + "00080014" + "f67024656dd64a3e02b8e0712e85c9a28ca89666");

    public static byte[] Sha256Request => Convert.FromHexString(
        "000100902112a44278ad3433c6ad72c029da412e001e0020" + "4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
        + "00150029" + "6f624d61744a6f733241414143662f2f3439396b3935346436" + "4f4c33346f4c394653547679363473" + "41000000"
        + "0014000b" + "6578616d706c652e6f726700" + "001d0004" + "00020000"
        + "001c0020" + "b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");

    public static IEnumerable<byte[]> All => [Request, IPv4Response, IPv6Response, LongTermRequest, Sha256Request];
}
