using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunMessageWriterTests
{
    [TestMethod]
    public void Write_Rfc5769LongTermRequest_IsTheSampleByteForByte()
    {
        byte[] sample = SampleMessages.LongTermRequest;
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(sample.AsSpan(8, 12)));
        writer.Write(StunAttributeType.Username, SampleMessages.LongTermUsername);
        writer.Write(StunAttributeType.Nonce, "f//499k954d6OL34oL9FSTvy64sA");
        writer.Write(StunAttributeType.Realm, SampleMessages.Realm);
        writer.WriteMessageIntegrity(
            StunCredentials.LongTermKey(SampleMessages.LongTermUsername, SampleMessages.Realm, SampleMessages.LongTermPassword));
        Assert.IsTrue(writer.TryFinish(out int length));
        CollectionAssert.AreEqual(sample, buffer[..length]);
    }

    [TestMethod]
    public void Write_Rfc8489Sha256Request_IsTheSampleByteForByte()
    {
        byte[] sample = SampleMessages.Sha256Request;
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, new StunTransactionId(sample.AsSpan(8, 12)));
        writer.Write(StunAttributeType.UserHash, StunCredentials.UserHash(SampleMessages.LongTermUsername, SampleMessages.Realm));
        writer.Write(StunAttributeType.Nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
        writer.Write(StunAttributeType.Realm, SampleMessages.Realm);
        writer.WritePasswordAlgorithm(StunPasswordAlgorithm.Sha256);
        writer.WriteMessageIntegritySha256(
            StunCredentials.LongTermKeySha256(SampleMessages.LongTermUsername, SampleMessages.Realm, SampleMessages.LongTermPassword));
        Assert.IsTrue(writer.TryFinish(out int length));
        CollectionAssert.AreEqual(sample, buffer[..length]);
    }

    [TestMethod]
    public void Write_AttributesOfEveryForm_ReadBackTheSame()
    {
        var v6 = Addresses.Of("[2001:db8::5]:443");
        var v4 = Addresses.Of("198.51.100.7:65535");
        var buffer = new byte[500];
        var writer = new StunMessageWriter(buffer, StunClass.ErrorResponse, StunMethod.Allocate, Ids.Of(7));
        writer.WriteErrorCode(438, "Stale Nonce"u8);
        writer.WriteAddress(StunAttributeType.AlternateServer, v6);
        writer.WriteAddress(StunAttributeType.MappedAddress, v4);
        writer.WriteXorAddress(StunAttributeType.XorPeerAddress, v6);
        writer.WriteXorAddress(StunAttributeType.XorRelayedAddress, v4);
        writer.WriteUnknownAttributes([StunAttributeType.Priority, (StunAttributeType)0x7abc, StunAttributeType.Data]);
        writer.WritePasswordAlgorithms([StunPasswordAlgorithm.Sha256, StunPasswordAlgorithm.Md5]);
        writer.WriteFingerprint();
        Assert.IsTrue(writer.TryFinish(out int length));
        Assert.IsTrue(StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage message));
        Assert.AreEqual((StunClass.ErrorResponse, StunMethod.Allocate), (message.Class, message.Method));
        Assert.IsTrue(message.TryGetErrorCode(out int code));
        Assert.AreEqual(438, code);
        Assert.IsTrue(message.TryGetAddress(StunAttributeType.AlternateServer, out TransportAddress read));
        Assert.AreEqual(v6, read);
        Assert.IsTrue(message.TryGetMappedAddress(out read), "without XOR-MAPPED-ADDRESS, MAPPED-ADDRESS counts");
        Assert.AreEqual(v4, read);
        Assert.IsTrue(message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out read));
        Assert.AreEqual(v6, read);
        Assert.IsTrue(message.TryGetXorAddress(StunAttributeType.XorRelayedAddress, out read));
        Assert.AreEqual(v4, read);
        Assert.IsTrue(message.TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> unknown));
        CollectionAssert.AreEqual(new byte[] { 0, 0x24, 0x7a, 0xbc, 0, 0x13 }, unknown.ToArray());
        Assert.IsTrue(message.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> algorithms));
        Assert.IsTrue(PasswordAlgorithmAttribute.TryChoose(algorithms, out StunPasswordAlgorithm chosen));
        Assert.AreEqual(StunPasswordAlgorithm.Sha256, chosen);
    }

    [TestMethod]
    public void TryFinish_WhenTheBufferIsTooSmall_IsFalse()
    {
        for (int size = StunHeader.SizeInBytes; size < 64; size++)
        {
            var writer = new StunMessageWriter(new byte[size], StunClass.Request, StunMethod.Binding, Ids.Of(1));
            writer.Write(StunAttributeType.Software, "sixteen letters.");
            writer.WriteMessageIntegrity("key"u8);
            Assert.IsFalse(writer.TryFinish(out int length), $"{size} bytes");
            Assert.AreEqual(0, length);
        }
    }

    [TestMethod]
    public void Write_Padding_IsZero()
    {
        var buffer = new byte[64];
        Array.Fill(buffer, (byte)0xFF);
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
        writer.Write(StunAttributeType.Software, "a");
        Assert.IsTrue(writer.TryFinish(out int length));
        Assert.AreEqual(28, length);
        CollectionAssert.AreEqual(new byte[] { (byte)'a', 0, 0, 0 }, buffer[24..28]);
    }

    [TestMethod]
    public void Compute_Crc32CheckValue_IsTheStandardOne() => Assert.AreEqual(0xcbf43926u, Crc32.Compute("123456789"u8));
}
