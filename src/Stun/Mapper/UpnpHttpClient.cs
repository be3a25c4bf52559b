using System.Net.Http.Headers;
using System.Text;
using CS3103P2P.Stun.PortMapping;

namespace CS3103P2P.Stun.Mapper;

/// <summary>Fetches from the router: no redirects, no proxy, no cookies, bounded in bytes and time.</summary>
internal sealed class UpnpHttpClient : IDisposable
{
    private const int MaxHeaderKilobytes = 16;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private readonly TimeProvider _timeProvider;
    private readonly HttpClient _client;

    public UpnpHttpClient(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = RequestTimeout,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
        };
        _client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Makes one request; status 0 when there is no complete answer of tolerable size.</summary>
    public async Task<(int Status, byte[] Body)> SendAsync(UpnpRequest request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var message = new HttpRequestMessage(request.Body is null ? HttpMethod.Get : HttpMethod.Post, request.Url);
        message.Headers.ConnectionClose = true;
        if (request.Body is not null)
        {
            message.Headers.TryAddWithoutValidation("SOAPACTION", request.SoapAction);
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Body));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("text/xml", "utf-8");
        }

        try
        {
            using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            byte[]? body = await ReadBoundedAsync(response.Content, either.Token).ConfigureAwait(false);
            return body is null ? (0, []) : ((int)response.StatusCode, body);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return (0, []);
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<byte[]?> ReadBoundedAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > UpnpXml.MaxDocumentBytes) return null;
        using Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[UpnpXml.MaxDocumentBytes + 1];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length > UpnpXml.MaxDocumentBytes ? null : buffer[..length];
    }
}
