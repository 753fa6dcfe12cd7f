"""SQL: set-based and by COPY where deliveries and fates pass, composed where administrators look things up."""
