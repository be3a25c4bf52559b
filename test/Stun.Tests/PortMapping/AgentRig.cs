using CS3103P2P.Protocol;
using CS3103P2P.Stun.PortMapping;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Tests.PortMapping;

/// <summary>A <see cref="PortMappingAgent"/> and a <see cref="VirtualRouter"/> on one virtual clock.</summary>
internal sealed class AgentRig
{
    private const int MaxSteps = 100_000;
    private readonly byte[] _buffer = new byte[1500];
    private int _nonce;

    public AgentRig(VirtualRouter router, MappingPlan? plan = null)
    {
        Router = router;
        Agent = new PortMappingAgent(plan ?? Plan, NextNonce, Now, new Random(7));
    }

    public static MappingPlan Plan { get; } = new()
    {
        Client = TransportAddress.FromIPv4(0xC0A80102, 6881),
        Gateway = VirtualRouter.Control,
        SsdpGroup = TransportAddress.FromIPv4(0xEFFFFFFA, 1900),
    };

    public VirtualRouter Router { get; }

    public PortMappingAgent Agent { get; }

    public MonotonicTime Now { get; private set; } = new(1_000_000_000);

    public PortMappingStatus Status => Agent.Status;

    /// <summary>Lets virtual time pass.</summary>
    public void Run(TimeSpan span)
    {
        MonotonicTime end = Now + span;
        for (int step = 0; step < MaxSteps; step++)
        {
            Drain();
            if (Agent.Deadline is not { } due || due > end)
            {
                Now = end;
                return;
            }

            if (due > Now) Now = due;
            Agent.HandleTimeout(Now);
        }

        Assert.Fail("The agent's deadline does not move.");
    }

    /// <summary>Hands what there is to the router, and its answers back.</summary>
    public void Drain()
    {
        for (int step = 0; step < MaxSteps; step++)
        {
            if (Agent.PollTransmit(Now, _buffer, out Transmit transmit))
            {
                byte[] datagram = _buffer[..transmit.TotalBytes];
                foreach ((TransportAddress source, byte[] bytes) in Router.HandleDatagram(Now, transmit.Destination, datagram)) Agent.HandleDatagram(Now, source, bytes);
            }
            else if (Agent.PollHttp() is { } request)
            {
                (int status, byte[] body) = Router.HandleHttp(Now, request);
                Agent.HandleHttp(Now, request.Id, status, body);
            }
            else
            {
                return;
            }
        }

        Assert.Fail("The agent does not come to rest.");
    }

    private PcpNonce NextNonce() => new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)++_nonce]);
}
