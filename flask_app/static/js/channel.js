// The connection to the server, in a page or in the worker of all tabs: passes on what it hears, by name.
self.openChannel = (tell) => {
  // Long-polling first, as it passes everywhere; WebSocket takes over where nothing between forbids it.
  const socket = io({ rememberUpgrade: true, timeout: 8000, reconnectionDelay: 500, reconnectionDelayMax: 2500 });
  socket.on("connect", () => tell("connect"));
  socket.on("connect_error", () => tell("connect_error"));
  socket.on("disconnect", (reason) => {
    tell("disconnect");
    if (reason === "io server disconnect") socket.connect();
  });
  socket.onAny(tell);
  return socket;
};
