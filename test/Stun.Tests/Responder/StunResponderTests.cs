using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunResponderTests
{
    private static readonly TransportAddress Client = Addresses.Of("203.0.113.5:6881");
    private static readonly StunServerAddresses Four = new(Addresses.Of("192.0.2.1:3478"), Addresses.Of("192.0.2.2:3479"));

    private readonly byte[] _buffer = new byte[StunResponder.MaxReplyBytes];

    private delegate void WriteAttributes(ref StunMessageWriter writer);

    [TestMethod]
    [DataRow("203.0.113.5:6881", 32)]
    [DataRow("[2001:db8::7]:443", 44)]
    public void TryRespond_BindingRequest_TellsTheSource(string source, int expectedBytes)
    {
        TransportAddress client = Addresses.Of(source);
        Assert.IsTrue(Respond(new StunResponder(), BindingRequest.Encode(Ids.Of(1)), out StunReply reply, client));
        Assert.AreEqual(new StunReply(expectedBytes, client, 0), reply);
        StunMessage response = Parse(reply);
        Assert.AreEqual((StunClass.SuccessResponse, StunMethod.Binding), (response.Class, response.Method));
        Assert.AreEqual(Ids.Of(1), response.TransactionId);
        Assert.IsTrue(response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped));
        Assert.AreEqual(client, mapped);
    }

    [TestMethod]
    public void TryRespond_ResponsesIndicationsAndOtherMethods_AreNotAnswered()
    {
        var responder = new StunResponder();
        Assert.IsFalse(Respond(responder, SampleMessages.IPv4Response, out _));
        Assert.IsFalse(Respond(responder, Message(StunClass.Indication, StunMethod.Binding), out _));
        Assert.IsFalse(Respond(responder, Message(StunClass.ErrorResponse, StunMethod.Binding), out _));
        Assert.IsFalse(Respond(responder, Message(StunClass.Request, StunMethod.Allocate), out _));
    }

    [TestMethod]
    public void TryRespond_UnknownRequiredAttributes_AreAnsweredWith420()
    {
        byte[] request = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) =>
        {
            w.WriteUInt32((StunAttributeType)0x7f01, 1);
            w.WriteUInt32((StunAttributeType)0xff02, 1);
            w.WriteUInt32(StunAttributeType.ChangeRequest, 6);
            w.WriteUInt32((StunAttributeType)0x7f01, 1);
        });
        Assert.IsTrue(Respond(new StunResponder(), request, out StunReply reply));
        StunMessage response = Parse(reply);
        Assert.AreEqual(StunClass.ErrorResponse, response.Class);
        Assert.IsTrue(response.TryGetErrorCode(out int code));
        Assert.AreEqual(420, code);
        Assert.IsTrue(response.TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> unknown));
        CollectionAssert.AreEqual(new byte[] { 0x7f, 0x01, 0x00, 0x03 }, unknown.ToArray());
    }

    [TestMethod]
    public void TryRespond_RequestWithFingerprint_IsAnsweredWithFingerprint()
    {
        byte[] request = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) => w.WriteFingerprint());
        Assert.IsTrue(Respond(new StunResponder(), request, out StunReply reply));
        Assert.IsTrue(Parse(reply).Has(StunAttributeType.Fingerprint));
    }

    [TestMethod]
    [DataRow(0u, 0)]
    [DataRow(2u, 1)]
    [DataRow(4u, 2)]
    [DataRow(6u, 3)]
    public void TryRespond_ChangeRequest_LeavesFromTheSocketAskedFor(uint flags, int offset)
    {
        var responder = new StunResponder(Four);
        for (int receivedOn = 0; receivedOn < StunServerAddresses.Count; receivedOn++)
        {
            byte[] request = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) =>
                w.WriteUInt32(StunAttributeType.ChangeRequest, flags));
            Assert.IsTrue(Respond(responder, request, out StunReply reply, receivedOn: receivedOn));
            Assert.AreEqual(receivedOn ^ offset, reply.SendFrom);
            StunMessage response = Parse(reply);
            Assert.IsTrue(response.TryGetAddress(StunAttributeType.ResponseOrigin, out TransportAddress origin));
            Assert.AreEqual(Four[reply.SendFrom], origin);
            Assert.IsTrue(response.TryGetAddress(StunAttributeType.OtherAddress, out TransportAddress other));
            Assert.AreEqual(Four[receivedOn ^ 3], other);
        }
    }

    [TestMethod]
    public void TryRespond_ResponsePort_ChangesThePortOnly()
    {
        byte[] request = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) =>
            w.WriteUInt32(StunAttributeType.ResponsePort, 5000u << 16));
        Assert.IsTrue(Respond(new StunResponder(Four), request, out StunReply reply));
        Assert.AreEqual(Client.WithPort(5000), reply.Destination);
    }

    [TestMethod]
    public void TryRespond_ContradictoryOrMalformedTests_AreAnsweredWith400()
    {
        var responder = new StunResponder(Four);
        WriteAttributes[] bad =
        [
            (ref StunMessageWriter w) => w.WriteUInt64(StunAttributeType.ChangeRequest, 6),
            (ref StunMessageWriter w) => w.WriteUInt32(StunAttributeType.ResponsePort, 0),
            (ref StunMessageWriter w) =>
            {
                w.WriteUInt32(StunAttributeType.ResponsePort, 5000u << 16);
                w.Write(StunAttributeType.Padding, new byte[64]);
            },
        ];
        foreach (WriteAttributes write in bad)
        {
            Assert.IsTrue(Respond(responder, Message(StunClass.Request, StunMethod.Binding, write), out StunReply reply));
            Assert.IsTrue(Parse(reply).TryGetErrorCode(out int code));
            Assert.AreEqual(400, code);
            Assert.AreEqual(Client, reply.Destination);
        }
    }

    [TestMethod]
    public void TryRespond_Padding_IsEchoedWithItsLength()
    {
        byte[] request = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) =>
            w.Write(StunAttributeType.Padding, new byte[1000]));
        Assert.IsTrue(Respond(new StunResponder(Four), request, out StunReply reply));
        Assert.IsTrue(Parse(reply).TryGet(StunAttributeType.Padding, out ReadOnlySpan<byte> padding));
        Assert.AreEqual(1000, padding.Length);
    }

    [TestMethod]
    public void TryRespond_ClientOfRfc3489_GetsPlainAddresses()
    {
        byte[] request = BindingRequest.Encode(Ids.Of(1));
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4), 0xdeadbeef);
        Assert.IsTrue(Respond(new StunResponder(Four), request, out StunReply reply));
        Assert.AreEqual(0xdeadbeef, BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(4)));
        Assert.IsTrue(StunMessage.TryParseAnyAge(_buffer.AsSpan(0, reply.Bytes), out StunMessage response));
        Assert.IsTrue(response.TryGetAddress(StunAttributeType.MappedAddress, out TransportAddress mapped));
        Assert.AreEqual(Client, mapped);
        Assert.IsTrue(response.TryGetAddress(StunAttributeType.ClassicChangedAddress, out TransportAddress changed));
        Assert.AreEqual(Four.Alternate, changed);
        Assert.IsFalse(response.Has(StunAttributeType.XorMappedAddress));
    }

    [TestMethod]
    public void TryRespond_PerRequest_AllocatesNothing()
    {
        var machine = new StunResponderMachine(new StunResponder(Four));
        byte[] request = BindingRequest.Encode(Ids.Of(1));
        var buffer = new byte[1500];
        Run(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(1010, machine.Answered);

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                machine.HandleDatagram(default, Client, request);
                machine.PollTransmit(default, buffer, out _);
            }
        }
    }

    [TestMethod]
    public void TryRespond_MutatedRequests_NeverThrowAndNeverGrowMuch()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] template = Message(StunClass.Request, StunMethod.Binding, (ref StunMessageWriter w) =>
        {
            w.WriteUInt32(StunAttributeType.ChangeRequest, 6);
            w.Write(StunAttributeType.Padding, new byte[20]);
            w.Write(StunAttributeType.Software, "test");
        });
        var responder = new StunResponder(Four);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] mutated = [.. template];
            for (int i = random.Next(4); i >= 0; i--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            if (!StunMessage.TryParseAnyAge(mutated, out StunMessage message)) continue;
            if (!responder.TryRespond(message, Client, 0, _buffer, out StunReply reply)) continue;
            Assert.IsLessThan(mutated.Length + 60, reply.Bytes, $"seed {seed}, round {round}");
        }
    }

    private static byte[] Message(StunClass messageClass, StunMethod method, WriteAttributes? write = null)
    {
        var buffer = new byte[1500];
        var writer = new StunMessageWriter(buffer, messageClass, method, Ids.Of(1));
        write?.Invoke(ref writer);
        Assert.IsTrue(writer.TryFinish(out int length));
        return buffer[..length];
    }

    private bool Respond(StunResponder responder, byte[] request, out StunReply reply, TransportAddress? source = null, int receivedOn = 0)
    {
        Assert.IsTrue(StunMessage.TryParseAnyAge(request, out StunMessage message));
        return responder.TryRespond(message, source ?? Client, receivedOn, _buffer, out reply);
    }

    private StunMessage Parse(StunReply reply)
    {
        Assert.IsTrue(StunMessage.TryParse(_buffer.AsSpan(0, reply.Bytes), out StunMessage message));
        return message;
    }
}
