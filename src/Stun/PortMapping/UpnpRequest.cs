namespace CS3103P2P.Stun.PortMapping;

/// <summary>An HTTP request that a <see cref="UpnpMachine"/> wants made: GET without a body, POST with one.</summary>
/// <param name="Id">Names the request when its answer is handed back.</param>
/// <param name="Url">An address of the router.</param>
/// <param name="SoapAction">The SOAPACTION header's value; null for GET.</param>
/// <param name="Body">The SOAP envelope; null for GET.</param>
internal sealed record UpnpRequest(int Id, Uri Url, string? SoapAction, string? Body);
