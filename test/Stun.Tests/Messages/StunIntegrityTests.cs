namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunIntegrityTests
{
    [TestMethod]
    public void Verify_Rfc5769ShortTermSamples_Hold()
    {
        byte[] key = StunCredentials.ShortTermKey(SampleMessages.ShortTermPassword);
        foreach (byte[] sample in new[] { SampleMessages.Request, SampleMessages.IPv4Response, SampleMessages.IPv6Response })
        {
            Assert.IsTrue(StunMessage.TryParse(sample, out StunMessage message));
            Assert.IsTrue(StunIntegrity.Verify(message, key));
            Assert.IsFalse(StunIntegrity.Verify(message, "another"u8));
        }
    }

    [TestMethod]
    public void Verify_Rfc5769LongTermSample_Holds()
    {
        Assert.IsTrue(StunMessage.TryParse(SampleMessages.LongTermRequest, out StunMessage message));
        byte[] key = StunCredentials.LongTermKey(SampleMessages.LongTermUsername, SampleMessages.Realm, SampleMessages.LongTermPassword);
        Assert.IsTrue(StunIntegrity.Verify(message, key));
    }

    [TestMethod]
    public void Verify_Rfc8489Sha256Sample_Holds()
    {
        Assert.IsTrue(StunMessage.TryParse(SampleMessages.Sha256Request, out StunMessage message));
        byte[] key = StunCredentials.LongTermKeySha256(SampleMessages.LongTermUsername, SampleMessages.Realm, SampleMessages.LongTermPassword);
        Assert.IsTrue(StunIntegrity.VerifySha256(message, key));
        Assert.IsTrue(message.TryGet(StunAttributeType.UserHash, out ReadOnlySpan<byte> userHash));
        CollectionAssert.AreEqual(StunCredentials.UserHash(SampleMessages.LongTermUsername, SampleMessages.Realm), userHash.ToArray());
        Assert.IsTrue(message.TryGet(StunAttributeType.PasswordAlgorithm, out ReadOnlySpan<byte> algorithm));
        Assert.IsTrue(PasswordAlgorithmAttribute.TryRead(algorithm, out StunPasswordAlgorithm chosen));
        Assert.AreEqual(StunPasswordAlgorithm.Sha256, chosen);
    }

    [TestMethod]
    public void Verify_WithoutIntegrity_IsFalse()
    {
        var buffer = new byte[20];
        _ = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
        Assert.IsTrue(StunMessage.TryParse(buffer, out StunMessage message));
        Assert.IsFalse(StunIntegrity.Verify(message, "key"u8));
    }

    [TestMethod]
    public void Verify_Sha256CutTooShort_IsFalse()
    {
        var mac = new byte[32];
        var buffer = new byte[100];
        foreach (int length in new[] { 12, 16, 18, 32 })
        {
            var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
            StunIntegrity.ComputeSha256(buffer.AsSpan(0, 20), length, "key"u8, mac);
            writer.Write(StunAttributeType.MessageIntegritySha256, mac.AsSpan(0, length));
            Assert.IsTrue(writer.TryFinish(out int bytes));
            Assert.IsTrue(StunMessage.TryParse(buffer.AsSpan(0, bytes), out StunMessage message));
            Assert.AreEqual(length is 16 or 32, StunIntegrity.VerifySha256(message, "key"u8), $"{length} bytes");
        }
    }
}
