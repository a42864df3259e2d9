using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>What a command says when the server is none of ours, or is broken.</summary>
public sealed class HostileServerTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    [Theory]
    [InlineData("\u0001\u0002garbage\r\n\r\n", "does not speak HTTP")]
    [InlineData("", "does not speak HTTP")]
    [InlineData("HTTP/1.1 9999 What\r\n\r\n", "does not speak HTTP")]
    [InlineData(Ok + "Content-Length: 500\r\n\r\n{\"clusters\":[", "ended in the middle of an answer")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"clu\r\n", "ended in the middle of an answer")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "ended in the middle of an answer")]
    [InlineData(Ok + "Content-Length: 14\r\n\r\n<html>x</html>", "is not one of this API")]
    [InlineData(Ok + "Content-Length: 2\r\n\r\n[]", "is not one of this API")]
    [InlineData(Ok + "Content-Length: 4\r\n\r\nnull", "is not one of this API")]
    [InlineData(Ok + "Content-Length: 0\r\n\r\n", "is not one of this API")]
    [InlineData(Ok + "Content-Length: 19\r\n\r\n{\"clusters\":[null]}", "is not one of this API")]
    [InlineData(Ok + "Content-Length: 16\r\n\r\n{\"clusters\":\"x\"}", "is not one of this API")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\n404 page not found\n", "is not one of this API")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\n<x>", "status 500")]
    [InlineData("HTTP/1.1 307 Go\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n", "status 307")]
    [InlineData("HTTP/1.1 307 Go\r\nLocation: ftp://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "status 307")]
    public async Task A_server_that_is_none_of_ours_is_told_in_a_plain_sentence(string answer, string expected)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = Answer(server, answer);

        var (code, output, error) = await CliHarness.Run("nodes", "--server", $"http://{server.LocalEndpoint}");

        Assert.Equal("", output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        foreach (var platform in (string[])["System.", "Path: $", "BytePosition", "fault in the orchestrator", "(ResponseEnded)", "response ended", "invalid start", "HttpIO", "Invalid URI"])
        {
            Assert.DoesNotContain(platform, error, StringComparison.Ordinal);
        }

        Assert.Equal(answer.Contains("HTTP/1.1 500", StringComparison.Ordinal) || answer.Contains("HTTP/1.1 307", StringComparison.Ordinal) ? 1 : 4, code);
        server.Stop();
        await answering;
    }

    /// <summary>Every connection gets the same bytes, once a request came.</summary>
    private static async Task Answer(TcpListener server, string answer)
    {
        try
        {
            while (true)
            {
                using var connection = await server.AcceptTcpClientAsync();
                await using var stream = connection.GetStream();
                using var request = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
                while (await request.ReadLineAsync() is { Length: > 0 })
                {
                    // To its end: a connection that is closed with something unread is reset, and the answer lost.
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
            }
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The test has ended.
        }
    }
}
