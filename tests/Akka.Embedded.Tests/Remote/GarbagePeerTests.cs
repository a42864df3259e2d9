using System.Buffers.Binary;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Remote;

public sealed class GarbagePeerTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Systems _systems = new();

    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "text", "GET / HTTP/1.1\r\nHost: here\r\n\r\n"u8.ToArray() },
        { "half a frame", [200, 0, 0, 0, 1, 2, 3] },
        { "an oversized frame", Frame(int.MaxValue, []) },
        { "a negative length", Frame(-5, []) },
        { "an empty frame", Frame(0, []) },
        { "a frame of another protocol", Frame(3, [1, 2, 3]) },
        { "a greeting with rubbish", Frame(12, [0x48, 0x41, 0x4B, 0x4D, 0x42, 0x45, 0x44, 0x30, 0x31, 255, 255, 255]) },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _systems.DisposeAsync();

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task A_peer_that_sends_garbage_costs_its_own_connection_and_one_log_line(string what, byte[] bytes)
    {
        var (here, there) = (_systems.Start(), _systems.Start());
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        Assert.Equal("before", await echo.Ask<string>("before", Limit));

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Systems.AddressOf(there).Port!.Value);
        await socket.SendAsync(bytes);
        socket.Shutdown(SocketShutdown.Send);
        var answer = new byte[1];
        using var limit = new CancellationTokenSource(Limit);
        var read = await ReadAsync(socket, answer, limit.Token);
        Assert.True(read == 0, $"{what}: the connection was not closed");

        Assert.Equal("after", await echo.Ask<string>("after", Limit));
        await Systems.Eventually(() => _systems.LogLines(LogLevel.WarningLevel).Any(), $"the log line for {what}");
        Assert.Single(_systems.LogLines(LogLevel.WarningLevel));
        Assert.Empty(_systems.LogLines(LogLevel.ErrorLevel));
    }

    [Fact]
    public async Task A_peer_that_sends_half_a_frame_and_falls_silent_loses_its_connection_when_the_time_for_greeting_is_over()
    {
        var there = _systems.Start("akka.remote.dot-netty.tcp.connection-timeout = 300 ms");
        var here = _systems.Start();
        var echo = Systems.Remote(here, there, there.ActorOf(Props.Create(() => new Echo())));
        Assert.Equal("before", await echo.Ask<string>("before", Limit));

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Systems.AddressOf(there).Port!.Value);
        await socket.SendAsync(new byte[] { 20, 0, 0, 0, 1, 2, 3 });
        using var limit = new CancellationTokenSource(Limit);
        Assert.Equal(0, await ReadAsync(socket, new byte[1], limit.Token));

        Assert.Equal("after", await echo.Ask<string>("after", Limit));
        await Systems.Eventually(() => _systems.LogLines(LogLevel.InfoLevel).Any(line => line.Contains("no handshake in time")), "the log line");
        Assert.Single(_systems.LogLines(LogLevel.InfoLevel), line => line.Contains("no handshake in time"));
    }

    private static async Task<int> ReadAsync(Socket socket, byte[] buffer, CancellationToken token)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, token);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static byte[] Frame(int length, byte[] body)
    {
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        body.CopyTo(frame, 4);
        return frame;
    }
}
