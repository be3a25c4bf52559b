namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ShareTicketTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];

    [TestMethod]
    public void ToTicketText_KnownShare_HasTheDocumentedForm()
    {
        var descriptor = new ShareDescriptor("my file.txt", ShareKind.File, 5, 2048, Sha256Digest.Of("hello"u8));
        Assert.AreEqual(
            "p2p:my%20file.txt?root=2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824&size=5&chunk=2048&kind=file&tracker=example.org:80",
            new ShareTicket(descriptor, ["example.org:80"]).ToTicketText());
    }

    [TestMethod]
    [DataRow("test.txt")]
    [DataRow("a b, c | 100% ?&=#+")]
    [DataRow("Tiếng Việt 👍.pdf")]
    public void TryParse_OwnText_RoundTrips(string name)
    {
        var descriptor = new ShareDescriptor(name, ShareKind.Directory, 12345678901, 4096, Sha256Digest.Of("x"u8));
        var ticket = new ShareTicket(descriptor, ["tracker.example", "[2001:db8::1]:8080"], new ShareSecret(Key));
        Assert.IsTrue(ShareTicket.TryParse("  " + ticket.ToTicketText() + "\r\n", out ShareTicket? read));
        Assert.AreEqual(descriptor, read.Descriptor);
        CollectionAssert.AreEqual(ticket.Trackers.ToArray(), read.Trackers.ToArray());
        Assert.AreEqual(ticket.TrackerName, read.TrackerName);
        Assert.AreEqual(ticket.ToTicketText(), read.ToTicketText());
        Assert.IsFalse(ticket.ToTicketText().Contains(' ', StringComparison.Ordinal));
    }

    [TestMethod]
    public void ToString_PrivateTicket_HidesTheSecret()
    {
        var ticket = new ShareTicket(new ShareDescriptor("n", ShareKind.File, 1, 2048, default), [], new ShareSecret(Key));
        string secret = ticket.ToTicketText().Split("secret=")[1];
        Assert.AreEqual(43, secret.Length);
        Assert.IsFalse($"{ticket} {ticket.Secret}".Contains(secret, StringComparison.Ordinal));
        StringAssert.Contains(ticket.ToString(), "private", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("", "test.txt")]
    [DataRow("p2p:", "p3p:")]
    [DataRow("p2p:n", "p2p:")]
    [DataRow("p2p:n", "p2p:%0A")]
    [DataRow("p2p:n", "p2p:%C3")]
    [DataRow("p2p:n", "p2p:%4")]
    [DataRow("p2p:n", "p2p:%zz")]
    [DataRow("size=1", "size=-1")]
    [DataRow("size=1", "size=1&size=1")]
    [DataRow("size=1", "size")]
    [DataRow("size=1", "size=99999999999999999999")]
    [DataRow("&size=1", "")]
    [DataRow("&kind=file", "")]
    [DataRow("kind=file", "kind=link")]
    [DataRow("chunk=2048", "chunk=2047")]
    [DataRow("root=", "root=0")]
    [DataRow("tracker=a:80", "tracker=a%20b")]
    [DataRow("tracker=a:80", "tracker=")]
    [DataRow("tracker=a:80", "secret=AAAA")]
    [DataRow("tracker=a:80", "tracker=a&tracker=a&tracker=a&tracker=a&tracker=a&tracker=a&tracker=a&tracker=a&tracker=a")]
    public void TryParse_Malformed_ReturnsFalse(string part, string replacement)
    {
        string good = "p2p:n?root=" + new string('0', 64) + "&size=1&chunk=2048&kind=file&tracker=a:80&later=x";
        Assert.IsTrue(ShareTicket.TryParse(good, out _));
        string bad = part.Length == 0 ? replacement : good.Replace(part, replacement, StringComparison.Ordinal);
        Assert.IsFalse(ShareTicket.TryParse(bad, out _));
    }

    [TestMethod]
    public void TryParse_TruncatedOrMutated_NeverThrowsAndRoundTrips()
    {
        string text = new ShareTicket(
            new ShareDescriptor("ế%", ShareKind.File, 77, 2048, Sha256Digest.Of("x"u8)), ["a:1"], new ShareSecret(Key)).ToTicketText();
        for (int length = 0; length < text.Length; length++)
            Assert.IsFalse(ShareTicket.TryParse(text.AsSpan(0, length), out ShareTicket? cut) && cut.Secret is not null, $"length {length}");
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            char[] mutated = text.ToCharArray();
            for (int i = random.Next(3); i >= 0; i--) mutated[random.Next(mutated.Length)] = (char)random.Next(random.Next(2) == 0 ? 128 : 65536);
            if (!ShareTicket.TryParse(mutated, out ShareTicket? read)) continue;
            Assert.IsTrue(ShareTicket.TryParse(read.ToTicketText(), out ShareTicket? again), $"seed {seed}");
            Assert.AreEqual(read.Descriptor, again.Descriptor, $"seed {seed}");
        }
    }

    [TestMethod]
    public void FetchProof_OnlyForItsPeersAndSecret_Verifies()
    {
        var secret = new ShareSecret(Key);
        PeerId a = Id(1);
        PeerId b = Id(2);
        byte[] proof = new byte[ShareSecret.ProofSizeInBytes];
        secret.WriteFetchProof(a, b, proof);
        Assert.IsTrue(secret.VerifyFetchProof(a, b, proof));
        Assert.IsFalse(secret.VerifyFetchProof(b, a, proof));
        Assert.IsFalse(secret.VerifyFetchProof(a, Id(3), proof));
        Assert.IsFalse(secret.VerifyFetchProof(a, b, proof.AsSpan(1)));
        Assert.IsFalse(secret.VerifyFetchProof(a, b, []));
        var other = new ShareSecret(new byte[32]);
        Assert.IsFalse(other.VerifyFetchProof(a, b, proof));
        Assert.AreNotEqual(other.DeriveTrackerName(), secret.DeriveTrackerName());
        Assert.AreEqual(64, secret.DeriveTrackerName().Length);
    }

    private static PeerId Id(byte fill) => new(Enumerable.Repeat(fill, PeerId.SizeInBytes).ToArray());
}
