using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Host.Demo;

namespace Orchestrator.HttpDoubles.Milvus;

/// <summary>The gRPC interface of the double: HTTP/2 without TLS, each message after its five bytes of prefix.</summary>
internal sealed class MilvusDoubleGrpc : IAsyncDisposable
{
    private const int Unimplemented = 12;
    private const int Unauthenticated = 16;
    private const int PrefixBytes = 5;
    private readonly Func<string, byte[], string, IMessage?> _answer;
    private readonly WebApplication _app;

    /// <param name="answer">By the call's name, its request and <c>authorization</c>; null for a call that there is not.</param>
    /// <exception cref="UnauthorizedAccessException">Of the answer: the caller may not.</exception>
    public MilvusDoubleGrpc(Func<string, byte[], string, IMessage?> answer)
    {
        _answer = answer;
        Port = FreePorts.Find(1)[0];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, Port, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(Handle);
        HostingAbstractionsHostExtensions.Start(_app);
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task Handle(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var (status, message) = Answer(context, body.ToArray());
        context.Response.ContentType = "application/grpc";
        if (message is not null)
        {
            var bytes = message.ToByteArray();
            var prefix = new byte[PrefixBytes];
            BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), bytes.Length);
            await context.Response.Body.WriteAsync(prefix, context.RequestAborted);
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
        else
        {
            await context.Response.StartAsync(context.RequestAborted);
        }

        context.Response.AppendTrailer("grpc-status", $"{status}");
    }

    private (int Status, IMessage? Message) Answer(HttpContext context, byte[] body)
    {
        const string Service = "/milvus.proto.milvus.MilvusService/";
        var path = context.Request.Path.Value!;
        if (!path.StartsWith(Service, StringComparison.Ordinal))
        {
            return (Unimplemented, null);
        }

        try
        {
            var message = _answer(path[Service.Length..], body[Math.Min(PrefixBytes, body.Length)..], context.Request.Headers.Authorization.ToString());
            return (message is null ? Unimplemented : 0, message);
        }
        catch (UnauthorizedAccessException)
        {
            return (Unauthenticated, null);
        }
    }
}
